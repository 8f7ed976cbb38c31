-- stated_line: invoice lines with their document, as they state themselves, and whether each is a credit.
--
-- grain     invoice_id, line_no
-- reads     invoice_document, invoice_duplicate, invoice_line, paid_document
-- held      no
-- params    none
-- money     amount as stated; a price has 19 digits as in order_line
-- rule      A document that a remittance pays is paid. A line is a credit when its quantity or amount is negative, or
--           when its document is one, unless it bills there: a credit memo may take goods back at one price and bill
--           them at another, or ask a fee for taking them. A credit memo without a minus anywhere is all credit. A line
--           without an order number has that of its document. (Specification 1.2 steps 3 and 4; 1.4.)
select
    line.invoice_id,
    line.line_no,
    document.supplier_id,
    document.supplier_group,
    document.facility_id,
    document.invoice_date,
    document.currency,
    document.is_paid or paid.invoice_id is not null as is_paid,
    document.po_required,
    document.doc_type,
    coalesce(duplicate.is_duplicate, false) as is_duplicate,
    coalesce(line.line_type, 'ITEM') as line_type,
    coalesce(
        upper(trim(nullif(trim(line.po_number_raw), ''))),
        document.po_number,
        -- A charge is of the one order that the lines beside it name.
        case when line.line_type <> 'ITEM' then document.only_po_number end
    ) as po_number,
    nullif(ltrim(upper(trim(line.po_line_raw)), '0'), '') as line_no_norm,
    line.catalog_no,
    line.item_id as item_printed,
    line.qty,
    line.uom,
    cast(line.price as decimal(19, 6)) as price_printed,
    line.amount,
    line.lot,
    line.cites,
    line.ref_invoice_number,
    coalesce(line.adj_kind, 'QTY') as adj_kind,
    coalesce(line.qty, 0) < 0
    or line.amount < 0
    or (
        document.doc_type = 'CREDIT'
        and not (
            (coalesce(line.line_type, 'ITEM') <> 'ITEM' or coalesce(line.qty, 0) > 0)
            and line.amount > 0
            and document.has_minus
        )
    ) as is_credit
from invoice_line as line
inner join invoice_document as document on line.invoice_id = document.invoice_id
left join invoice_duplicate as duplicate
    on line.invoice_id = duplicate.invoice_id and duplicate.is_duplicate
left join paid_document as paid on line.invoice_id = paid.invoice_id
