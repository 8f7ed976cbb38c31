-- charge_scope: what kind of charge a code of the charge master is, for a hospital.
--
-- grain     facility_id, cdm_code
-- reads     charge_known, code_period, item_cdm_map, supply_revenue
-- params    none
-- money     none
-- rule      Usage and charge 1. A code is a supply's if an item is mapped to it, if its revenue code is
--           in a family of supplies, or if it has none.
with asked as (
    select
        known.facility_id,
        known.cdm_code,
        min(coalesce(known.revenue_code, cdm.revenue_code)) as revenue_code
    from charge_known as known
    left join code_period as cdm on known.period_no = cdm.period_no
    where not known.is_credit
    group by known.facility_id, known.cdm_code
),

mapped as (
    select
        asked.facility_id,
        asked.cdm_code
    from asked
    inner join item_cdm_map as mapping
        on asked.cdm_code = mapping.cdm_code and (mapping.facility_id = asked.facility_id or mapping.facility_id = '*')
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
    mapped.cdm_code is not null or supply.cdm_code is not null or asked.revenue_code is null as is_supply
from asked
left join mapped on asked.facility_id = mapped.facility_id and asked.cdm_code = mapped.cdm_code
left join supply on asked.facility_id = supply.facility_id and asked.cdm_code = supply.cdm_code
