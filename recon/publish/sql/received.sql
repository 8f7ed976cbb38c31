-- received: what the dock recorded for each order line, for people to read.
--
-- grain     po_id, po_line_no
-- reads     receipt_line, item_uom, purchase_order_line
-- params    $business_date  DATE, the day being closed
-- money     none; quantities DECIMAL
-- rule      drafts and later receipts are not supply (three-way match 1.2, step 0). A sum is shown
--           in the receipts' unit when they share one, in base units when each unit is a whole
--           number of them, and not at all otherwise: `receipts` lists every one as it was keyed
with posted as (
    select
        po_id,
        po_line_no,
        receipt_id,
        line_no,
        receipt_date,
        qty,
        uom
    from receipt_line
    where receipt_date <= $business_date and coalesce(status, 'POSTED') <> 'DRAFT'
),

counted as (
    select
        posted.*,
        case
            when item_uom.to_base_den = 1
                then cast(posted.qty * item_uom.to_base_num as decimal(18, 6))
        end as base_qty
    from posted
    left join purchase_order_line
        on
            posted.po_id = purchase_order_line.po_id
            and posted.po_line_no = purchase_order_line.line_no
    left join item_uom
        on purchase_order_line.item_id = item_uom.item_id and posted.uom = item_uom.uom
)

select
    po_id,
    po_line_no,
    case
        when count(distinct uom) = 1 then cast(sum(qty) as decimal(18, 6))
        when count(base_qty) = count(*) then cast(sum(base_qty) as decimal(18, 6))
    end as received_qty,
    case
        when count(distinct uom) = 1 then min(uom)
        when count(base_qty) = count(*) then 'base'
    end as received_uom,
    max(receipt_date) as last_receipt_date,
    string_agg(
        receipt_id
        || ' (' || quantity_text(qty) || ' ' || uom || ', ' || cast(receipt_date as varchar) || ')',
        '; '
        order by receipt_date, receipt_id, line_no
    ) as receipts
from counted
group by po_id, po_line_no
order by po_id, po_line_no
