-- charge_scope: what kind of charge a code of the charge master is, for a hospital.
--
-- grain     facility_id, cdm_code
-- reads     charged, item_cdm_map, cdm, supply_revenue
-- params    none
-- money     none
-- rule      Usage and charge 1. A code is a supply's if an item is mapped to it, if its revenue code is
--           in a family of supplies, or if it has none. It is never to be charged (SC10) if every item
--           mapped to it is routine, not chargeable, or below its threshold.
with asked as (
    select
        facility_id,
        cdm_code,
        min(revenue_code) as revenue_code
    from charged
    group by facility_id, cdm_code
),

priced as (
    select
        asked.facility_id,
        asked.cdm_code,
        max(case when cdm.method is null or cdm.method = 'FIXED' then cdm.price else 9999999999.99 end) as price
    from asked
    inner join cdm
        on asked.cdm_code = cdm.cdm_code and (cdm.facility_id = asked.facility_id or cdm.facility_id = '*')
    group by asked.facility_id, asked.cdm_code
),

mapped as (
    select
        asked.facility_id,
        asked.cdm_code,
        min(
            case
                when mapping.chargeable = 'Y' then 0
                when
                    mapping.chargeable = 'THRESHOLD' and coalesce(priced.price, 0) >= coalesce(mapping.threshold, 0)
                    then 0
                else 1
            end
        ) = 1 as is_never_charged
    from asked
    inner join item_cdm_map as mapping
        on asked.cdm_code = mapping.cdm_code and (mapping.facility_id = asked.facility_id or mapping.facility_id = '*')
    left join priced on asked.facility_id = priced.facility_id and asked.cdm_code = priced.cdm_code
    group by asked.facility_id, asked.cdm_code
),

supply as (
    select
        asked.facility_id,
        asked.cdm_code
    from asked
    inner join supply_revenue
        on substr(asked.revenue_code, 1, length(supply_revenue.revenue_prefix)) = supply_revenue.revenue_prefix
    group by asked.facility_id, asked.cdm_code
)

select
    asked.facility_id,
    asked.cdm_code,
    mapped.cdm_code is not null or supply.cdm_code is not null or asked.revenue_code is null as is_supply,
    coalesce(mapped.is_never_charged, false) as is_never_charged
from asked
left join mapped on asked.facility_id = mapped.facility_id and asked.cdm_code = mapped.cdm_code
left join supply on asked.facility_id = supply.facility_id and asked.cdm_code = supply.cdm_code
