-- The least there is to do: read the columns, join on the order line, write as many rows.
create temp view joined_line as
select
    line.invoice_id,
    line.line_no,
    line.qty,
    line.price,
    line.amount,
    document.invoice_date,
    ordered.po_id,
    ordered.line_no as po_line_no,
    ordered.qty as ordered,
    ordered.price as ordered_price
from invoice_line as line
inner join invoice as document on line.invoice_id = document.invoice_id
inner join purchase_order_line as ordered
    on substr(document.po_number_raw, 2) = ordered.po_id and line.po_line_raw = ordered.line_no;

create temp view joined_receipt as
select
    receipt.receipt_id,
    receipt.line_no,
    receipt.qty,
    ordered.po_id,
    ordered.line_no as po_line_no,
    ordered.qty as ordered
from receipt_line as receipt
inner join purchase_order_line as ordered
    on receipt.po_id = ordered.po_id and receipt.po_line_no = ordered.line_no;
