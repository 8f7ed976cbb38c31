-- advised: lines of remittances (820), with the number of the document paid as duplicates are told by it.
--
-- grain     payment_id, line_no
-- reads     payment_remittance, supplier
-- params    $as_of  DATE, later payments are not seen
-- money     as stated
-- rule      `number_norm` is made of the number as invoice_document makes it. (Specification 1.2 step 2; 1.6.)
with stated as (
    select
        remittance.payment_id,
        remittance.line_no,
        remittance.supplier_id,
        coalesce(supplier.parent_supplier_id, remittance.supplier_id) as supplier_group,
        remittance.invoice_number,
        coalesce(
            nullif(regexp_replace(upper(remittance.invoice_number), '[^A-Z0-9]', '', 'g'), ''),
            upper(trim(remittance.invoice_number))
        ) as plain,
        remittance.payment_date,
        coalesce(remittance.currency, supplier.currency, 'USD') as currency,
        remittance.amount_paid,
        remittance.amount_invoiced,
        coalesce(remittance.discount_taken, cast(0 as decimal(18, 2))) as discount_taken,
        coalesce(remittance.adjustment_amount, cast(0 as decimal(18, 2))) as adjustment_amount
    from payment_remittance as remittance
    left join supplier on remittance.supplier_id = supplier.supplier_id
    where remittance.payment_date <= $as_of
)

select
    payment_id,
    line_no,
    supplier_id,
    supplier_group,
    invoice_number,
    coalesce(
        nullif(ltrim(regexp_replace(plain, '^(INVOICE|INV)', '', 'g'), '0'), ''), plain
    ) as number_norm,
    payment_date,
    currency,
    amount_paid,
    amount_invoiced,
    discount_taken,
    adjustment_amount
from stated
