-- use_known: records of use in force: on which account, of which item, in how many base units.
--
-- grain     use_no
-- reads     use_latest, account_number, account_state, device_code, item, item_uom, item_cdm_map
-- params    none
-- money     none
-- rule      A record without an account is on that of its visit, where the visit has one only, merged ones being one. A
--           record without an item is of the one that its device identifier names, else its maker's number (as
--           written, else its letters and digits without the zeros in front), each where it is one item's only.
--           Quantities are fractions: num over den base units for each unit stated; a unit without a factor has none
--           (DQ06). use_no puts records in the order of their names, in which results are handed over; units are
--           matched in the order of use, then of these numbers. map_dept_id and map_location_id are the place where a
--           row of the charge map names it for the item, else *: most maps name few places. (Usage and charge 1, steps
--           1 and 3.)
with visited as (
    select
        state.facility_id,
        state.visit_key,
        min(account_number.survivor_key) as account_key
    from account_state as state
    inner join account_number
        on state.facility_id = account_number.facility_id and state.account_key = account_number.account_key
    where state.visit_key is not null
    group by state.facility_id, state.visit_key
    having min(account_number.account_no) = max(account_number.account_no)
),

catalogued as (
    select
        mfr_part_no as catalog_no,
        min(item_id) as item_id
    from item
    where mfr_part_no is not null
    group by mfr_part_no
    having count(*) = 1
),

-- In the form in which catalogue numbers are compared.
catalogued_alike as (
    select
        ltrim(regexp_replace(upper(mfr_part_no), '[^A-Z0-9]', '', 'g'), '0') as catalog_norm,
        min(item_id) as item_id
    from item
    where ltrim(regexp_replace(upper(mfr_part_no), '[^A-Z0-9]', '', 'g'), '0') <> ''
    group by ltrim(regexp_replace(upper(mfr_part_no), '[^A-Z0-9]', '', 'g'), '0')
    having count(*) = 1
),

map_dept as (
    select
        item_id,
        dept_id
    from item_cdm_map
    where dept_id <> '*'
    group by item_id, dept_id
),

map_location as (
    select
        item_id,
        location_id
    from item_cdm_map
    where location_id <> '*'
    group by item_id, location_id
),

-- Only names go through the ordering: to order whole rows takes four times as long.
numbered as (
    select
        system_id,
        usage_id,
        row_number() over (order by facility_id, system_id, usage_id) as use_no
    from use_latest
),

named as (
    select
        latest.system_id,
        latest.usage_id,
        latest.facility_id,
        latest.case_key,
        latest.used_at,
        latest.used_date,
        latest.dept_id,
        latest.location_id,
        latest.udi_key,
        latest.udi_di,
        latest.udi_verdict,
        latest.lot,
        latest.serial_key,
        latest.donation_key,
        latest.expiry_date,
        latest.qty,
        latest.uom,
        latest.disposition,
        latest.mode,
        latest.po_id,
        latest.unit_cost,
        coalesce(latest.account_key, visited.account_key) as account_key,
        coalesce(latest.item_id, labelled.item_id, catalogued.item_id, catalogued_alike.item_id) as item_id
    from use_latest as latest
    left join visited
        on
            latest.account_key is null
            and latest.facility_id = visited.facility_id
            and latest.visit_key = visited.visit_key
    left join device_code as labelled on latest.item_id is null and latest.udi_di = labelled.udi_di
    left join catalogued on latest.item_id is null and latest.catalog_no = catalogued.catalog_no
    left join catalogued_alike
        on
            case
                when latest.item_id is null
                    then ltrim(regexp_replace(upper(latest.catalog_no), '[^A-Z0-9]', '', 'g'), '0')
            end = catalogued_alike.catalog_norm
),

factor as (
    select
        item_uom.item_id,
        item_uom.uom,
        item_uom.to_base_num as num,
        item_uom.to_base_den as den,
        coalesce(item_uom.valid_from, date '0001-01-01') as valid_from,
        coalesce(item_uom.valid_to, date '9999-12-31') as valid_to
    from item_uom
    where item_uom.to_base_num > 0 and item_uom.to_base_den > 0
)

select
    cast(numbered.use_no as bigint) as use_no,
    named.facility_id,
    named.system_id,
    named.usage_id,
    account_number.account_no,
    named.case_key,
    named.used_at,
    named.used_date,
    named.dept_id,
    named.location_id,
    coalesce(map_dept.dept_id, '*') as map_dept_id,
    coalesce(map_location.location_id, '*') as map_location_id,
    named.item_id,
    named.udi_key,
    named.udi_di,
    named.udi_verdict,
    named.lot,
    named.serial_key,
    named.donation_key,
    named.expiry_date,
    named.qty,
    named.uom,
    named.disposition,
    named.mode,
    named.po_id,
    coalesce(named.unit_cost, item.unit_cost) as unit_cost,
    coalesce(item.implant_flag, false) as is_implant,
    cast(
        case
            when factor.num is not null then factor.num
            when named.uom is null or named.uom = coalesce(item.base_uom, 'EA') then 1
        end as bigint
    ) as num,
    cast(
        case
            when factor.den is not null then factor.den
            when named.uom is null or named.uom = coalesce(item.base_uom, 'EA') then 1
        end as bigint
    ) as den
from named
inner join numbered on named.system_id = numbered.system_id and named.usage_id = numbered.usage_id
left join account_number
    on named.facility_id = account_number.facility_id and named.account_key = account_number.account_key
left join item on named.item_id = item.item_id
left join map_dept on named.item_id = map_dept.item_id and coalesce(named.dept_id, '') = map_dept.dept_id
left join map_location
    on named.item_id = map_location.item_id and coalesce(named.location_id, '') = map_location.location_id
left join factor
    on
        named.item_id = factor.item_id
        and named.uom = factor.uom
        and named.used_date between factor.valid_from and factor.valid_to
