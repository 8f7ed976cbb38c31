-- substitute: what suppliers acknowledged in place of what was ordered, and the items that it may stand for.
--
-- grain     po_id, po_line_no, item_catalog_no, item_id
-- reads     acknowledgement, order_line, item_xref, packaging_code
-- params    $as_of  DATE, crosswalk rows that begin later are not seen
-- money     none
-- rule      An acknowledgement (855, IS) names our item or, mostly, a number of the supplier's: item_id is what it
--           says, and the item that this number leads to, by the newest row of the crosswalk, or by a GTIN or HIBC.
--           `catalog_norm` is the number as catalogue numbers are compared. (Specification 1.2 step 3, T3 and T4.)
with told as (
    select distinct
        po_id,
        po_line_no,
        item_catalog_no,
        ltrim(regexp_replace(upper(item_catalog_no), '[^A-Z0-9]', '', 'g'), '0') as catalog_norm
    from acknowledgement
    where answer = 'SUBSTITUTE' and item_catalog_no is not null
),

listed as (
    select
        told.po_id,
        told.po_line_no,
        told.item_catalog_no,
        told.catalog_norm,
        xref.item_id,
        row_number() over (
            partition by told.po_id, told.po_line_no, told.item_catalog_no, told.catalog_norm
            order by xref.valid_from desc, xref.item_id
        ) as place
    from told
    inner join order_line as line on told.po_id = line.po_id and told.po_line_no = line.po_line_no
    inner join item_xref as xref
        on
            line.supplier_id = xref.supplier_id
            and told.catalog_norm = xref.catalog_no_norm
            and xref.valid_from <= $as_of
)

select
    po_id,
    po_line_no,
    item_catalog_no,
    catalog_norm,
    item_catalog_no as item_id
from told
union
select
    po_id,
    po_line_no,
    item_catalog_no,
    catalog_norm,
    item_id
from listed
where place = 1
union
select
    told.po_id,
    told.po_line_no,
    told.item_catalog_no,
    told.catalog_norm,
    packaging.item_id
from told
inner join packaging_code as packaging on told.catalog_norm = packaging.code
