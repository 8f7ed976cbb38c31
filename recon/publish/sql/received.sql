-- received: what the dock recorded for each order line, for people to read.
--
-- grain     po_id, po_line_no
-- reads     receipt_line, item_uom, purchase_order_line
-- params    $business_date  DATE, the day being closed
-- money     none; quantities DECIMAL
-- rule      drafts and later receipts are not supply (three-way match 1.2, step 0). A sum is shown
--           in the receipts' unit when they share one, in base units when each unit is a whole
--           number of them, and not at all otherwise, nor where a proof of delivery stands beside what
--           the dock recorded: both may tell of one delivery. `receipts` lists every one as it was keyed
with posted as (
    select
        po_id,
        po_line_no,
        receipt_id,
        line_no,
        receipt_date,
        qty,
        uom,
        coalesce(kind, 'RECEIPT') = 'POD' as is_proof
    from receipt_line
    where receipt_date <= $business_date and coalesce(status, 'POSTED') <> 'DRAFT'
),

-- A line's number is the same with zeros in front; where an order has both (1 and 001), it is its own.
placed as (
    select
        posted.po_id,
        coalesce(line.line_no, posted.po_line_no) as po_line_no,
        posted.receipt_id,
        posted.line_no,
        posted.receipt_date,
        posted.qty,
        posted.uom,
        posted.is_proof,
        line.item_id,
        row_number() over (
            partition by posted.receipt_id, posted.line_no
            order by case when posted.po_line_no = line.line_no then 0 else 1 end, line.line_no
        ) as place
    from posted
    left join purchase_order_line as line
        on
            posted.po_id = line.po_id
            and ltrim(upper(trim(posted.po_line_no)), '0') = ltrim(upper(trim(line.line_no)), '0')
),

counted as (
    select
        placed.*,
        case
            when item_uom.to_base_den = 1
                then cast(placed.qty * item_uom.to_base_num as decimal(18, 6))
        end as base_qty
    from placed
    left join item_uom on placed.item_id = item_uom.item_id and placed.uom = item_uom.uom
    where placed.place = 1
)

select
    po_id,
    po_line_no,
    case
        when count(distinct is_proof) > 1 then null
        when count(distinct uom) = 1 then cast(sum(qty) as decimal(18, 6))
        when count(base_qty) = count(*) then cast(sum(base_qty) as decimal(18, 6))
    end as received_qty,
    case
        when count(distinct is_proof) > 1 then null
        when count(distinct uom) = 1 then min(uom)
        when count(base_qty) = count(*) then 'base'
    end as received_uom,
    max(receipt_date) as last_receipt_date,
    string_agg(
        receipt_id
        || ' (' || quantity_text(qty) || ' ' || uom || ', ' || cast(receipt_date as varchar)
        || case when is_proof then ', proof of delivery)' else ')' end,
        '; '
        order by receipt_date, receipt_id, line_no
    ) as receipts
from counted
group by po_id, po_line_no
order by po_id, po_line_no
