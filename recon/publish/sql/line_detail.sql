-- line_detail: every invoice line, what became of it, and the amount the supplier stated.
--
-- grain     invoice_id, line_no
-- reads     invoice_line_result, invoice_line, invoice, purchase_order, supplier, item
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      billed is read from the document itself, so that the totals of the match have
--           something outside the match to tie out to
select
    result.invoice_id,
    result.line_no,
    result.facility_id,
    result.supplier_id,
    supplier.name as supplier_name,
    invoice.invoice_number,
    invoice.doc_type,
    invoice.invoice_date,
    result.line_type,
    purchase_order.po_number,
    result.po_line_no,
    result.identity_tier,
    coalesce(result.item_id, document_line.item_id) as item_id,
    item.description as item_description,
    document_line.qty as billed_qty,
    document_line.uom as billed_uom,
    document_line.price as billed_price,
    document_line.amount as billed,
    result.amount,
    result.supported,
    result.tolerated,
    result.held,
    result.routed,
    result.leak,
    result.currency,
    result.status
from invoice_line_result as result
left join invoice_line as document_line using (invoice_id, line_no)
left join invoice on result.invoice_id = invoice.invoice_id
left join purchase_order on result.po_id = purchase_order.po_id
left join supplier on result.supplier_id = supplier.supplier_id
left join item on coalesce(result.item_id, document_line.item_id) = item.item_id
order by result.invoice_id, result.line_no
