-- sent_back: what of each order line's goods came and was sent back to the supplier.
--
-- grain     po_id, po_line_no
-- reads     receipt_event, receipt_line
-- params    none
-- money     none; quantity in shares
-- rule      Goods that are returned did come: nobody waits for them. A receipt that is reversed was none.
--           (Specification 1.1, receipt_line; 1.4, ACK_BACKORDER.)
select
    event.po_id,
    event.po_line_no,
    cast(-sum(event.qty) as decimal(38, 6)) as qty
from receipt_event as event
inner join receipt_line as line on event.receipt_id = line.receipt_id and event.receipt_line_no = line.line_no
where event.qty < 0 and line.kind = 'RETURN'
group by event.po_id, event.po_line_no
