-- use_place: the rows of the charge map that may hold for an item at a place, best first.
--
-- grain     facility_id, item_id, map_dept_id, map_location_id, place
-- reads     use_known, item_cdm_map
-- params    none
-- money     none
-- rule      A row for the department goes before one for the location, which goes before one for all; of equal ones the
--           hospital's before that for all; then the newest. candidates says how many rows there are. map_dept_id and
--           map_location_id are * where no row of the item names the place. (Usage and charge 1, tables: item_cdm_map.)
with asked as (
    select
        facility_id,
        item_id,
        map_dept_id,
        map_location_id
    from use_known
    where item_id is not null
    group by facility_id, item_id, map_dept_id, map_location_id
),

candidate as (
    select
        asked.facility_id,
        asked.item_id,
        asked.map_dept_id,
        asked.map_location_id,
        mapping.facility_id as scope,
        mapping.dept_id,
        mapping.location_id,
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
            and (mapping.dept_id = asked.map_dept_id or mapping.dept_id = '*')
            and (mapping.location_id = asked.map_location_id or mapping.location_id = '*')
    where mapping.units_per_each_num >= 0 and mapping.units_per_each_den > 0
)

select
    facility_id,
    item_id,
    map_dept_id,
    map_location_id,
    valid_from,
    valid_to,
    cdm_code,
    num,
    den,
    chargeable,
    threshold,
    cast(row_number() over (
        partition by facility_id, item_id, map_dept_id, map_location_id
        order by
            case when dept_id = '*' then 1 else 0 end,
            case when location_id = '*' then 1 else 0 end,
            case when scope = '*' then 1 else 0 end,
            valid_from desc,
            scope,
            dept_id,
            location_id
    ) as integer) as place,
    cast(count(*) over (partition by facility_id, item_id, map_dept_id, map_location_id) as integer) as candidates
from candidate
