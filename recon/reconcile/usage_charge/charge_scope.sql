-- charge_scope: charges of supplies: those that use is asked for, and whose prices and codes are checked.
--
-- grain     charge_no
-- reads     charge_known, code_period, item_cdm_map, supply_revenue
-- params    none
-- money     none
-- rule      Usage and charge 1. A charge is a supply's if an item is mapped to its code, if the revenue
--           code that it states or that the charge master lists is in a family of supplies, or if neither
--           names one: a wrong revenue code (SP05) hides no charge, nor another charge of its code.
with asked as (
    select
        known.charge_no,
        known.facility_id,
        known.cdm_code,
        known.revenue_code as stated_code,
        cdm.revenue_code as listed_code
    from charge_known as known
    left join code_period as cdm on known.period_no = cdm.period_no
    where not known.is_credit
),

named as (
    select distinct
        facility_id,
        cdm_code
    from asked
),

mapped as (
    select distinct
        named.facility_id,
        named.cdm_code
    from named
    inner join item_cdm_map as mapping
        on named.cdm_code = mapping.cdm_code and (mapping.facility_id = named.facility_id or mapping.facility_id = '*')
),

revenue as (
    select stated_code as revenue_code
    from asked
    union
    select listed_code as revenue_code
    from asked
),

supply as (
    select distinct revenue.revenue_code
    from revenue
    inner join supply_revenue
        on substr(revenue.revenue_code, 1, length(supply_revenue.revenue_prefix)) = supply_revenue.revenue_prefix
)

select asked.charge_no
from asked
left join mapped on asked.facility_id = mapped.facility_id and asked.cdm_code = mapped.cdm_code
left join supply as stated on asked.stated_code = stated.revenue_code
left join supply as listed on asked.listed_code = listed.revenue_code
where
    mapped.cdm_code is not null
    or stated.revenue_code is not null
    or listed.revenue_code is not null
    or coalesce(asked.stated_code, asked.listed_code) is null
