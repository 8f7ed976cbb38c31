-- rni_detail: goods received and not yet invoiced, with names.
--
-- grain     receipt_key
-- reads     rni, supplier, item, purchase_order
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      largest value first, then oldest
select
    rni.receipt_key,
    rni.receipt_id,
    rni.receipt_line_no,
    rni.facility_id,
    rni.supplier_id,
    supplier.name as supplier_name,
    purchase_order.po_number,
    rni.po_line_no,
    rni.item_id,
    item.description as item_description,
    rni.receipt_date,
    rni.qty,
    rni.price,
    rni.value,
    rni.currency,
    rni.age_days,
    rni.bucket
from rni
left join supplier on rni.supplier_id = supplier.supplier_id
left join item on rni.item_id = item.item_id
left join purchase_order on rni.po_id = purchase_order.po_id
order by rni.value desc, rni.receipt_date asc, rni.receipt_key asc
