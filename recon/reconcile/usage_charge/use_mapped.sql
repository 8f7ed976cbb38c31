-- use_mapped: how the use of each record is charged: the row of the map in force for it.
--
-- grain     use_no
-- reads     use_known, use_place
-- params    none
-- money     none
-- rule      Usage and charge 1, step 3. Where one row may hold it does or none; where several may, the
--           best of those in force on the day of use.
with several as (
    select
        known.use_no,
        min(map.place) as place
    from use_known as known
    inner join use_place as map
        on
            known.facility_id = map.facility_id
            and known.item_id = map.item_id
            and coalesce(known.dept_id, '') = map.dept_id
            and coalesce(known.location_id, '') = map.location_id
            and map.candidates > 1
            and known.used_date between map.valid_from and map.valid_to
    group by known.use_no
)

select
    known.*,
    map.cdm_code,
    map.num as map_num,
    map.den as map_den,
    map.chargeable,
    map.threshold
from use_known as known
left join several on known.use_no = several.use_no
left join use_place as map
    on
        known.facility_id = map.facility_id
        and known.item_id = map.item_id
        and coalesce(known.dept_id, '') = map.dept_id
        and coalesce(known.location_id, '') = map.location_id
        and map.place = coalesce(several.place, 1)
        and known.used_date between map.valid_from and map.valid_to
