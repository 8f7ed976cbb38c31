-- document_balance: invoices whose stated total is not the sum of their lines, by how much, and for which hospital.
--
-- grain     invoice_id
-- reads     invoice_document, invoice_duplicate, invoice_line, billed_line, order_found, purchase_order
-- params    none
-- money     total as stated less the sum of the lines as stated
-- rule      A duplicate is held whole already and has no balance. The hospital decides which tolerance holds
--           (HEADER_BALANCE): an invoice that states none is for that of its orders, where they are all of one.
--           (Specification 1.2 step 11; 1.3.)
with line_total as (
    select
        invoice_id,
        cast(sum(amount) as decimal(18, 2)) as amount
    from invoice_line
    group by invoice_id
),

balance as (
    select
        document.invoice_id,
        document.supplier_id,
        document.facility_id,
        document.invoice_date,
        cast(coalesce(line_total.amount, 0) as decimal(19, 2)) as lines_total,
        cast(document.total - coalesce(line_total.amount, 0) as decimal(19, 2)) as residual
    from invoice_document as document
    left join invoice_duplicate as duplicate
        on document.invoice_id = duplicate.invoice_id and duplicate.is_duplicate
    left join line_total on document.invoice_id = line_total.invoice_id
    where duplicate.invoice_id is null and document.total <> coalesce(line_total.amount, 0)
),

ordered_for as (
    select
        line.invoice_id,
        min(header.facility_id) as facility_id
    from balance
    inner join billed_line as line on balance.invoice_id = line.invoice_id
    inner join order_found
        on
            line.po_number = order_found.po_number
            and line.supplier_group = order_found.supplier_group
            and coalesce(line.facility_id, '') = order_found.facility_id
    inner join purchase_order as header on order_found.po_id = header.po_id
    where balance.facility_id is null
    group by line.invoice_id
    having count(distinct header.facility_id) = 1
)

select
    balance.invoice_id,
    balance.supplier_id,
    coalesce(balance.facility_id, ordered_for.facility_id) as facility_id,
    balance.invoice_date,
    balance.lines_total,
    balance.residual
from balance
left join ordered_for on balance.invoice_id = ordered_for.invoice_id
