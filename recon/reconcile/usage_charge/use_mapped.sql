-- use_mapped: how the use of each record is charged: the row of the charge map that is in force for it.
--
-- grain     use_no
-- reads     use_known, use_place
-- held      no
-- params    none
-- money     none
-- rule      Where one row may hold for an item at a place, it does or none does; where several may, the best of those
--           in force on the day of use. (Usage and charge 1, step 3; tables: item_cdm_map.)
with several as (
    select
        known.use_no,
        min(mapping.place) as place
    from use_known as known
    inner join use_place as mapping
        on
            known.facility_id = mapping.facility_id
            and known.item_id = mapping.item_id
            and known.map_dept_id = mapping.map_dept_id
            and known.map_location_id = mapping.map_location_id
            and mapping.candidates > 1
            and known.used_date between mapping.valid_from and mapping.valid_to
    group by known.use_no
)

select
    known.*,
    mapping.cdm_code,
    mapping.num as map_num,
    mapping.den as map_den,
    mapping.chargeable,
    mapping.threshold
from use_known as known
left join several on known.use_no = several.use_no
left join use_place as mapping
    on
        known.facility_id = mapping.facility_id
        and known.item_id = mapping.item_id
        and known.map_dept_id = mapping.map_dept_id
        and known.map_location_id = mapping.map_location_id
        and mapping.place = coalesce(several.place, 1)
        and known.used_date between mapping.valid_from and mapping.valid_to
