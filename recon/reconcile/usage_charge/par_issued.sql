-- par_issued: what was issued onto a par shelf for no one use, in charge units, and what one of them is worth.
--
-- grain     facility_id, location_id, item_id
-- reads     inventory_txn, item_cdm_map, cdm, item, markup_tier
-- params    $as_of  DATE, later movements are not seen; map and prices are those of that day
-- money     price: the charge master's, or the mark-up of the item's cost shared among its charge units
-- rule      Less what went from the shelf back to the store or on to another place (RETURN, TRANSFER): nobody used it.
--           Only items that are charged; those with a threshold, where the price of one charge unit is at least that
--           or is stated nowhere.
--           Where no row of the charge master is in force the nearest is taken, as for any charge (code_period). (Usage
--           and charge 1, step 7, SI06; 6, lost charge.)
with issued as (
    select
        facility_id,
        location_id,
        item_id,
        min(case when type = 'ISSUE' then txn_date end) as since,
        cast(sum(qty) as decimal(18, 6)) as qty
    from inventory_txn
    where
        (type = 'ISSUE' or (type in ('RETURN', 'TRANSFER') and qty < 0))
        and usage_id is null
        and txn_date <= $as_of
    group by facility_id, location_id, item_id
    having sum(qty) > 0
),

map_ranked as (
    select
        issued.facility_id,
        issued.location_id,
        issued.item_id,
        issued.since,
        issued.qty,
        mapping.cdm_code,
        mapping.units_per_each_num as num,
        mapping.units_per_each_den as den,
        mapping.chargeable,
        mapping.threshold,
        row_number() over (
            partition by issued.facility_id, issued.location_id, issued.item_id
            order by
                case when mapping.location_id = '*' then 1 else 0 end,
                case when mapping.facility_id = '*' then 1 else 0 end,
                mapping.valid_from desc,
                mapping.facility_id,
                mapping.location_id
        ) as place
    from issued
    inner join item_cdm_map as mapping
        on
            issued.item_id = mapping.item_id
            and mapping.dept_id = '*'
            and (mapping.facility_id = issued.facility_id or mapping.facility_id = '*')
            and (mapping.location_id = issued.location_id or mapping.location_id = '*')
    where mapping.valid_from <= $as_of and coalesce(mapping.valid_to, date '9999-12-31') >= $as_of
),

price_ranked as (
    select
        mapped.facility_id,
        mapped.location_id,
        mapped.item_id,
        cdm.price,
        cdm.method,
        cdm.schedule_id,
        row_number() over (
            partition by mapped.facility_id, mapped.location_id, mapped.item_id
            order by
                case
                    when cdm.valid_from <= $as_of and coalesce(cdm.valid_to, date '9999-12-31') >= $as_of then 0
                    else 1
                end,
                case when cdm.facility_id = '*' then 1 else 0 end,
                case when cdm.valid_from <= $as_of then 0 else 1 end,
                cdm.valid_from desc,
                cdm.facility_id
        ) as place
    from map_ranked as mapped
    inner join cdm
        on
            mapped.cdm_code = cdm.cdm_code
            and (cdm.facility_id = mapped.facility_id or cdm.facility_id = '*')
    where mapped.place = 1
),

marked_up as (
    select
        price_ranked.facility_id,
        price_ranked.location_id,
        price_ranked.item_id,
        least(
            greatest(
                max(
                    case
                        when tier.round_rule = 'DOLLAR'
                            then round(cast(item.unit_cost as decimal(19, 6)) * tier.multiplier + tier.add_on, 0)
                        else round(cast(item.unit_cost as decimal(19, 6)) * tier.multiplier + tier.add_on, 2)
                    end
                ),
                coalesce(max(tier.min_price), 0)
            ),
            coalesce(max(tier.max_price), 9999999999.99)
        ) as price
    from price_ranked
    inner join item on price_ranked.item_id = item.item_id
    inner join markup_tier as tier
        on
            price_ranked.schedule_id = tier.schedule_id
            and item.unit_cost >= tier.cost_from
            and (tier.cost_to is null or item.unit_cost < tier.cost_to)
    where price_ranked.place = 1 and price_ranked.method = 'COST_MARKUP'
    group by price_ranked.facility_id, price_ranked.location_id, price_ranked.item_id
),

priced as (
    select
        mapped.*,
        cast(
            case
                when marked_up.price is not null and mapped.num > 0
                    then
                        cast(
                            cast(cast(marked_up.price as decimal(19, 2)) * 100 as hugeint) * 10000 * mapped.den
                            // mapped.num as decimal(19, 0)
                        )
                        * cast(0.000001 as decimal(7, 6))
                else coalesce(price_ranked.price, 0)
            end as decimal(18, 6)
        ) as price
    from map_ranked as mapped
    left join price_ranked
        on
            mapped.facility_id = price_ranked.facility_id
            and mapped.location_id = price_ranked.location_id
            and mapped.item_id = price_ranked.item_id
            and price_ranked.place = 1
    left join marked_up
        on
            mapped.facility_id = marked_up.facility_id
            and mapped.location_id = marked_up.location_id
            and mapped.item_id = marked_up.item_id
    where mapped.place = 1
)

select
    facility_id,
    location_id,
    item_id,
    since,
    cdm_code,
    cast(
        cast(cast(cast(qty as decimal(19, 6)) * 1000000 as hugeint) * num // den as decimal(19, 0))
        * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    ) as units,
    price
from priced
where
    cdm_code is not null
    and (chargeable = 'Y' or (chargeable = 'THRESHOLD' and (price = 0 or price >= coalesce(threshold, 0))))
