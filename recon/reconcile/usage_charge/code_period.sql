-- code_period: what the charge master says of a code, one row for every stretch of days on which it says the same.
--
-- grain     period_no
-- reads     charge_event, use_place, par_issued, cdm
-- params    none
-- money     price as stated
-- rule      Of codes that are charged, or to which what is used or issued to par may be mapped. A row for the hospital
--           goes before one for all; of several in force the newest counts. standing is IN_FORCE, RETIRED (no row is
--           in force on those days: the nearest is shown) or UNKNOWN.
--           A row that ends on the day before it begins ends those of its hospital before it: so a code arrives that is
--           deleted or deactivated. It is no code that may not be charged.
--           The stretches of a code hold every day once: a new one begins where a row begins, and the day after one
--           ends. Numbers are for joining on; they mean nothing beyond the night. (Usage and charge 1, tables: cdm.)
with asked as (
    select
        facility_id,
        cdm_code
    from charge_event
    union
    select
        facility_id,
        cdm_code
    from use_place
    where cdm_code is not null
    union
    select
        facility_id,
        cdm_code
    from par_issued
),

ended as (
    select
        entry.facility_id,
        entry.cdm_code,
        entry.valid_from,
        min(stop.valid_from) + (-1) as last_day
    from cdm as entry
    inner join cdm as stop
        on
            entry.facility_id = stop.facility_id
            and entry.cdm_code = stop.cdm_code
            and entry.valid_from < stop.valid_from
            and stop.valid_to + 1 = stop.valid_from
    group by entry.facility_id, entry.cdm_code, entry.valid_from
),

priced as (
    select
        asked.facility_id,
        asked.cdm_code,
        cdm.valid_from,
        least(
            coalesce(cdm.valid_to, date '9999-12-31'), coalesce(ended.last_day, date '9999-12-31')
        ) as valid_to,
        cdm.facility_id as scope,
        cdm.revenue_code,
        cdm.hcpcs,
        cdm.price,
        coalesce(cdm.method, 'FIXED') as method,
        cdm.schedule_id,
        coalesce(cdm.chargeable, true) as is_chargeable
    from asked
    inner join cdm
        on asked.cdm_code = cdm.cdm_code and (cdm.facility_id = asked.facility_id or cdm.facility_id = '*')
    left join ended
        on
            cdm.facility_id = ended.facility_id
            and cdm.cdm_code = ended.cdm_code
            and cdm.valid_from = ended.valid_from
),

edge as (
    select
        facility_id,
        cdm_code,
        date '0001-01-01' as from_day
    from asked
    union
    select
        facility_id,
        cdm_code,
        valid_from as from_day
    from priced
    union
    select
        facility_id,
        cdm_code,
        valid_to + 1 as from_day
    from priced
    where valid_to < date '9999-12-31'
),

stretch as (
    select
        facility_id,
        cdm_code,
        from_day,
        coalesce(
            lead(from_day) over (partition by facility_id, cdm_code order by from_day) + (-1), date '9999-12-31'
        ) as to_day
    from edge
),

candidate as (
    select
        stretch.facility_id,
        stretch.cdm_code,
        stretch.from_day,
        priced.valid_from,
        priced.scope,
        priced.revenue_code,
        priced.hcpcs,
        priced.price,
        priced.method,
        priced.schedule_id,
        priced.is_chargeable,
        priced.valid_to + 1 = priced.valid_from as is_end,
        priced.valid_from <= stretch.from_day and priced.valid_to >= stretch.from_day as is_in_force
    from stretch
    inner join priced on stretch.facility_id = priced.facility_id and stretch.cdm_code = priced.cdm_code
),

ordered as (
    select
        candidate.*,
        row_number() over (
            partition by facility_id, cdm_code, from_day
            order by
                case when is_in_force then 0 else 1 end,
                case when is_end then 1 else 0 end,
                case when scope = '*' then 1 else 0 end,
                case when valid_from <= from_day then 0 else 1 end,
                valid_from desc,
                scope
        ) as place
    from candidate
)

select
    cast(row_number() over (order by stretch.facility_id, stretch.cdm_code, stretch.from_day) as bigint) as period_no,
    stretch.facility_id,
    stretch.cdm_code,
    stretch.from_day,
    stretch.to_day,
    ordered.revenue_code,
    ordered.hcpcs,
    ordered.price,
    ordered.method,
    ordered.schedule_id,
    coalesce(ordered.is_chargeable, true) as is_chargeable,
    case
        when ordered.place is null then 'UNKNOWN'
        when ordered.is_in_force then 'IN_FORCE'
        else 'RETIRED'
    end as standing
from stretch
left join ordered
    on
        stretch.facility_id = ordered.facility_id
        and stretch.cdm_code = ordered.cdm_code
        and stretch.from_day = ordered.from_day
        and ordered.place = 1
