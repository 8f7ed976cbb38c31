-- markup_price: what one base unit of a record of use is to be charged, where the price follows the cost.
--
-- grain     use_no
-- reads     use_mapped, code_period, markup_tier
-- params    none
-- money     cost times multiplier plus add-on, rounded as the tier says, within its least and most
-- rule      A code that is priced by mark-up names a schedule (markup_tier); the tier is that of the cost. An item
--           without a map is estimated by the schedule that is marked for estimates (SC09). (Usage and charge 1, tables
--           and step 3.)
with asked as (
    select
        mapped.use_no,
        mapped.unit_cost,
        mapped.cdm_code is null as is_estimate,
        cdm.schedule_id
    from use_mapped as mapped
    left join code_period as cdm
        on
            mapped.facility_id = cdm.facility_id
            and mapped.cdm_code = cdm.cdm_code
            and mapped.used_date between cdm.from_day and cdm.to_day
    where mapped.unit_cost is not null and (mapped.cdm_code is null or cdm.method = 'COST_MARKUP')
),

priced as (
    select
        asked.use_no,
        tier.min_price,
        tier.max_price,
        case
            when tier.round_rule = 'DOLLAR'
                then round(cast(asked.unit_cost as decimal(19, 6)) * tier.multiplier + tier.add_on, 0)
            else round(cast(asked.unit_cost as decimal(19, 6)) * tier.multiplier + tier.add_on, 2)
        end as price
    from asked
    inner join markup_tier as tier
        on
            (asked.schedule_id = tier.schedule_id or (asked.is_estimate and tier.for_estimates = 'Y'))
            and asked.unit_cost >= tier.cost_from
            and (tier.cost_to is null or asked.unit_cost < tier.cost_to)
)

select
    use_no,
    cast(
        least(
            greatest(cast(max(price) as decimal(18, 2)), coalesce(max(min_price), 0)),
            coalesce(max(max_price), 9999999999.99)
        ) as decimal(18, 2)
    ) as price
from priced
group by use_no
