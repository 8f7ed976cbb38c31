-- use_place: the rows of the charge map that may hold for an item at a place, best first.
--
-- grain     facility_id, item_id, dept_id, location_id, place
-- reads     use_known, item_cdm_map
-- params    none
-- money     none
-- rule      Usage and charge 1, tables: a department's row beats a location's, which beats that of all;
--           of equal ones the hospital's beats that of all; then the newest. dept_id and location_id
--           are empty text where the record of use names none. rows: how many there are.
with asked as (
    select
        facility_id,
        item_id,
        coalesce(dept_id, '') as dept_id,
        coalesce(location_id, '') as location_id
    from use_known
    where item_id is not null
    group by facility_id, item_id, coalesce(dept_id, ''), coalesce(location_id, '')
),

candidate as (
    select
        asked.facility_id,
        asked.item_id,
        asked.dept_id,
        asked.location_id,
        mapping.facility_id as scope,
        mapping.dept_id as map_dept_id,
        mapping.location_id as map_location_id,
        mapping.valid_from,
        coalesce(mapping.valid_to, date '9999-12-31') as valid_to,
        mapping.cdm_code,
        mapping.units_per_each_num as num,
        mapping.units_per_each_den as den,
        mapping.chargeable,
        mapping.threshold
    from asked
    inner join item_cdm_map as mapping
        on
            asked.item_id = mapping.item_id
            and (mapping.facility_id = asked.facility_id or mapping.facility_id = '*')
            and (mapping.dept_id = asked.dept_id or mapping.dept_id = '*')
            and (mapping.location_id = asked.location_id or mapping.location_id = '*')
    where mapping.units_per_each_num >= 0 and mapping.units_per_each_den > 0
)

select
    facility_id,
    item_id,
    dept_id,
    location_id,
    valid_from,
    valid_to,
    cdm_code,
    num,
    den,
    chargeable,
    threshold,
    cast(row_number() over (
        partition by facility_id, item_id, dept_id, location_id
        order by
            case when map_dept_id = '*' then 1 else 0 end,
            case when map_location_id = '*' then 1 else 0 end,
            case when scope = '*' then 1 else 0 end,
            valid_from desc,
            scope,
            map_dept_id,
            map_location_id
    ) as integer) as place,
    cast(count(*) over (partition by facility_id, item_id, dept_id, location_id) as integer) as candidates
from candidate
