-- remitted: the document that each line of a remittance (820) pays.
--
-- grain     payment_id, line_no
-- reads     payment_remittance, invoice_document, invoice_duplicate, supplier
-- params    $as_of  DATE, later payments are not seen
-- money     as stated
-- rule      Number and supplier group must agree, the number as duplicates are told by it. Of several documents of that
--           number: a credit where money is taken back, then the one whose total the payer states, then one that is no
--           duplicate, then the earliest. Where there is none, invoice_id is empty. (Specification 1.6: paid beside
--           payable.)
with advised as (
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
),

numbered as (
    select
        advised.*,
        coalesce(
            nullif(ltrim(regexp_replace(advised.plain, '^(INVOICE|INV)', '', 'g'), '0'), ''), advised.plain
        ) as number_norm
    from advised
),

candidate as (
    select
        numbered.payment_id,
        numbered.line_no,
        document.invoice_id,
        row_number() over (
            partition by numbered.payment_id, numbered.line_no
            order by
                case when (document.doc_type = 'CREDIT') = (numbered.amount_paid < 0) then 0 else 1 end,
                case when document.total = numbered.amount_invoiced then 0 else 1 end,
                case when duplicate.invoice_id is null then 0 else 1 end,
                document.invoice_date,
                document.invoice_id
        ) as place
    from numbered
    inner join invoice_document as document
        on numbered.supplier_group = document.supplier_group and numbered.number_norm = document.number_norm
    left join invoice_duplicate as duplicate
        on document.invoice_id = duplicate.invoice_id and duplicate.is_duplicate
)

select
    numbered.payment_id,
    numbered.line_no,
    numbered.supplier_id,
    numbered.invoice_number,
    numbered.number_norm,
    candidate.invoice_id,
    numbered.payment_date,
    numbered.currency,
    numbered.amount_paid,
    numbered.discount_taken,
    numbered.adjustment_amount
from numbered
left join candidate
    on
        numbered.payment_id = candidate.payment_id
        and numbered.line_no = candidate.line_no
        and candidate.place = 1
