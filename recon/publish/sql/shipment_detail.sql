-- shipment_detail: what suppliers shipped and nobody has received, with names.
--
-- grain     document, line
-- reads     announced, shipment_line, supplier, item, purchase_order
-- params    $business_date  DATE, days are counted to it
-- money     none
-- rule      longest overdue first
select
    announced.document as shipment_id,
    announced.line,
    announced.facility_id,
    announced.supplier_id,
    supplier.name as supplier_name,
    purchase_order.po_number,
    announced.po_line_no,
    announced.item_id,
    item.description as item_description,
    announced.due_date,
    cast(date_diff('day', announced.due_date, $business_date) as integer) as days_late,
    announced.shipped,
    announced.received,
    shipment.packing_slip,
    shipment.carrier_code,
    shipment.tracking_number
from announced
left join shipment_line as shipment
    on announced.document = shipment.shipment_id and announced.line = cast(shipment.line_no as varchar)
left join supplier on announced.supplier_id = supplier.supplier_id
left join item on announced.item_id = item.item_id
left join purchase_order on announced.po_id = purchase_order.po_id
where announced.what = 'shipped, not received'
order by announced.due_date asc, announced.document asc, announced.line asc
