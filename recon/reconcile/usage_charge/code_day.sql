-- code_day: what the charge master says of a code on a day on which it is charged or used.
--
-- grain     facility_id, cdm_code, day
-- reads     charge_known, use_mapped, cdm
-- params    none
-- money     price as stated
-- rule      Usage and charge 1. A row of the hospital beats one of all; of several in force the newest
--           counts. standing: IN_FORCE, RETIRED (no row is in force on that day: the nearest is shown)
--           or UNKNOWN.
with asked as (
    select
        facility_id,
        cdm_code,
        service_date as day
    from charge_known
    union
    select
        facility_id,
        cdm_code,
        used_date as day
    from use_mapped
    where cdm_code is not null
),

candidate as (
    select
        asked.facility_id,
        asked.cdm_code,
        asked.day,
        cdm.valid_from,
        cdm.facility_id as scope,
        cdm.revenue_code,
        cdm.hcpcs,
        cdm.mods,
        cdm.price,
        coalesce(cdm.method, 'FIXED') as method,
        cdm.schedule_id,
        coalesce(cdm.chargeable, true) as is_chargeable,
        cdm.valid_from <= asked.day and coalesce(cdm.valid_to, date '9999-12-31') >= asked.day as is_in_force
    from asked
    inner join cdm
        on asked.cdm_code = cdm.cdm_code and (cdm.facility_id = asked.facility_id or cdm.facility_id = '*')
),

ordered as (
    select
        candidate.*,
        row_number() over (
            partition by facility_id, cdm_code, day
            order by
                case when is_in_force then 0 else 1 end,
                case when scope = '*' then 1 else 0 end,
                case when valid_from <= day then 0 else 1 end,
                valid_from desc,
                scope
        ) as place
    from candidate
)

select
    asked.facility_id,
    asked.cdm_code,
    asked.day,
    ordered.revenue_code,
    ordered.hcpcs,
    ordered.mods,
    ordered.price,
    ordered.method,
    ordered.schedule_id,
    coalesce(ordered.is_chargeable, true) as is_chargeable,
    case
        when ordered.place is null then 'UNKNOWN'
        when ordered.is_in_force then 'IN_FORCE'
        else 'RETIRED'
    end as standing
from asked
left join ordered
    on
        asked.facility_id = ordered.facility_id
        and asked.cdm_code = ordered.cdm_code
        and asked.day = ordered.day
        and ordered.place = 1
