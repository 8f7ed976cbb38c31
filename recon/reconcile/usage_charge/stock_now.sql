-- stock_now: what stands at a place of an item, all lots together, by the newest count of each lot.
--
-- grain     facility_id, location_id, item_id
-- reads     inventory_balance
-- params    $as_of  DATE, later counts are not seen
-- money     none: base units
-- rule      negative is the sum of the lots that are below zero: another lot's stock does not make up for it. (Usage
--           and charge 1, SI07 and SI08.)
with numbered as (
    select
        facility_id,
        location_id,
        item_id,
        on_hand,
        coalesce(on_order, 0) as on_order,
        row_number() over (
            partition by facility_id, location_id, item_id, lot order by count_date desc
        ) as age
    from inventory_balance
    where count_date <= $as_of
)

select
    facility_id,
    location_id,
    item_id,
    cast(sum(on_hand) as decimal(18, 6)) as on_hand,
    cast(sum(on_order) as decimal(18, 6)) as on_order,
    cast(sum(case when on_hand < 0 then on_hand else 0 end) as decimal(18, 6)) as negative
from numbered
where age = 1
group by facility_id, location_id, item_id
