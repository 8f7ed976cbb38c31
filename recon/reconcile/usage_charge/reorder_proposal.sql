-- reorder_proposal: places and items that have fallen to their reorder point, and how much to order.
--
-- grain     facility_id, location_id, item_id
-- reads     stock_now, reorder_rule
-- params    none
-- money     none: base units
-- rule      Where what is on hand and on order is at or below the reorder point: up to the most, where a most is
--           stated, else the order quantity; in whole packs, rounded up. (An integer division of negatives rounds
--           towards zero, and so does not round up.) (Usage and charge 1, SI08.)
with short as (
    select
        stock_now.facility_id,
        stock_now.location_id,
        stock_now.item_id,
        stock_now.on_hand,
        stock_now.on_order,
        case
            when rule.max_qty is not null then rule.max_qty - (stock_now.on_hand + stock_now.on_order)
            else coalesce(rule.order_qty, rule.reorder_point - (stock_now.on_hand + stock_now.on_order))
        end as needed,
        case when rule.pack_qty > 0 then rule.pack_qty else 1 end as pack_qty
    from stock_now
    inner join reorder_rule as rule
        on
            stock_now.facility_id = rule.facility_id
            and stock_now.location_id = rule.location_id
            and stock_now.item_id = rule.item_id
    where stock_now.on_hand + stock_now.on_order <= rule.reorder_point
),

counted as (
    select
        short.*,
        cast(cast(needed as decimal(19, 6)) * 1000000 as hugeint) as need_n,
        cast(cast(pack_qty as decimal(19, 6)) * 1000000 as hugeint) as pack_n
    from short
    where needed > 0
)

select
    facility_id,
    location_id,
    item_id,
    on_hand,
    on_order,
    cast(
        cast((need_n + pack_n - 1) // pack_n * pack_n as decimal(19, 0)) * cast(0.000001 as decimal(7, 6))
        as decimal(18, 6)
    ) as order_qty
from counted
