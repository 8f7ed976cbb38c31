-- orphan: lines whose document never arrived, or was refused: the match cannot see them.
--
-- grain     what, document, line
-- reads     purchase_order, purchase_order_line, purchase_order_change, po_ack_line, shipment_line,
--           receipt_line, invoice, invoice_line
-- params    $as_of  DATE, receipts dated later are not looked at
-- money     none
-- rule      A receipt without its order line, an order line without its order, an invoice line without
--           its invoice; a change, an acknowledgement or a shipment of a line that no order has. Nothing
--           is lost without a word: a warning each night names them.
with found as (
    select
        'receipt without its order line' as what,
        receipt.receipt_id as document,
        receipt.line_no as line
    from receipt_line as receipt
    left join purchase_order_line as line
        on
            receipt.po_id = line.po_id
            and ltrim(upper(trim(receipt.po_line_no)), '0') = ltrim(upper(trim(line.line_no)), '0')
    where line.po_id is null and receipt.receipt_date <= $as_of
    union all
    select
        'order line without its order' as what,
        line.po_id as document,
        line.line_no as line
    from purchase_order_line as line
    left join purchase_order as header on line.po_id = header.po_id
    where header.po_id is null
    union all
    select
        'invoice line without its invoice' as what,
        line.invoice_id as document,
        cast(line.line_no as varchar) as line
    from invoice_line as line
    left join invoice as header on line.invoice_id = header.invoice_id
    where header.invoice_id is null
    union all
    select
        'change without its order line' as what,
        change.change_id as document,
        change.line_no as line
    from purchase_order_change as change
    left join purchase_order_line as line on change.po_id = line.po_id and change.line_no = line.line_no
    left join purchase_order as header on change.po_id = header.po_id
    where header.po_id is null or (line.po_id is null and change.line_no <> '*')
    union all
    select
        'acknowledgement without its order line' as what,
        ack.po_id as document,
        ack.line_no as line
    from po_ack_line as ack
    left join purchase_order_line as line
        on
            ack.po_id = line.po_id
            and ltrim(upper(trim(ack.line_no)), '0') = ltrim(upper(trim(line.line_no)), '0')
    where line.po_id is null
    union all
    select
        'shipment without its order line' as what,
        shipment.shipment_id as document,
        cast(shipment.line_no as varchar) as line
    from shipment_line as shipment
    left join purchase_order_line as line
        on
            shipment.po_id = line.po_id
            and ltrim(upper(trim(shipment.po_line_no)), '0') = ltrim(upper(trim(line.line_no)), '0')
    where line.po_id is null and coalesce(shipment.status, 'SHIPPED') <> 'CANCELLED'
)

select
    what,
    document,
    line
from found
order by all
