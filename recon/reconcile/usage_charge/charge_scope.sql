-- charge_scope: which charges are of supplies: those that use is asked for, and whose prices and codes are checked.
--
-- grain     period_no, revenue_code
-- reads     charge_known, code_period, item_cdm_map, supply_revenue
-- params    none
-- money     none
-- rule      A charge is a supply's if an item is mapped to its code; if the revenue code that it states, or that the
--           charge master lists, is in a family of supplies; or if neither names a revenue code. So a wrong revenue
--           code (SP05) hides neither its own charge nor another of its code. It is an implant's if the code stated,
--           else the one listed, is in a family of implants.
--           revenue_code is the one that charges state, empty where they state none. (Usage and charge 1, steps 6 and
--           7.)
with asked as (
    select
        period_no,
        coalesce(revenue_code, '') as stated_code
    from charge_known
    group by period_no, coalesce(revenue_code, '')
),

listed as (
    select
        asked.period_no,
        asked.stated_code,
        cdm.facility_id,
        cdm.cdm_code,
        coalesce(cdm.revenue_code, '') as listed_code
    from asked
    inner join code_period as cdm on asked.period_no = cdm.period_no
),

mapped as (
    select
        listed.period_no,
        listed.stated_code
    from listed
    inner join item_cdm_map as mapping
        on
            listed.cdm_code = mapping.cdm_code
            and (mapping.facility_id = listed.facility_id or mapping.facility_id = '*')
    group by listed.period_no, listed.stated_code
),

supply as (
    select
        listed.period_no,
        listed.stated_code
    from listed
    inner join supply_revenue
        on
            substr(listed.stated_code, 1, length(supply_revenue.revenue_prefix)) = supply_revenue.revenue_prefix
            or substr(listed.listed_code, 1, length(supply_revenue.revenue_prefix)) = supply_revenue.revenue_prefix
    group by listed.period_no, listed.stated_code
),

implant as (
    select
        listed.period_no,
        listed.stated_code
    from listed
    inner join supply_revenue
        on
            supply_revenue.is_implant = 'Y'
            and substr(
                coalesce(nullif(listed.stated_code, ''), listed.listed_code), 1, length(supply_revenue.revenue_prefix)
            ) = supply_revenue.revenue_prefix
    group by listed.period_no, listed.stated_code
)

select
    listed.period_no,
    listed.stated_code as revenue_code,
    mapped.period_no is not null
    or supply.period_no is not null
    or (listed.stated_code = '' and listed.listed_code = '') as is_supply,
    implant.period_no is not null as is_implant
from listed
left join mapped on listed.period_no = mapped.period_no and listed.stated_code = mapped.stated_code
left join supply on listed.period_no = supply.period_no and listed.stated_code = supply.stated_code
left join implant on listed.period_no = implant.period_no and listed.stated_code = implant.stated_code
