-- document_balance: what the total of an invoice says beyond its lines.
--
-- grain     invoice_id
-- reads     invoice_document, invoice_duplicate, invoice_line
-- params    none
-- money     total as stated less the sum of the lines as stated
-- rule      Duplicates have no balance. (Specification 1.2 step 11.)
with line_total as (
    select
        invoice_id,
        cast(sum(amount) as decimal(18, 2)) as amount
    from invoice_line
    group by invoice_id
)

select
    document.invoice_id,
    document.supplier_id,
    document.facility_id,
    document.invoice_date,
    cast(document.total - coalesce(line_total.amount, 0) as decimal(19, 2)) as residual
from invoice_document as document
left join invoice_duplicate as duplicate
    on document.invoice_id = duplicate.invoice_id and duplicate.is_duplicate
left join line_total on document.invoice_id = line_total.invoice_id
where duplicate.invoice_id is null
