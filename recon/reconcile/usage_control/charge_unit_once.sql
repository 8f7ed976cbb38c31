-- charge_unit_once: records of use or charge of which more units are matched than they have.
--
-- grain     side, facility_id, system_id, record_id
-- reads     charge_allocation, charge_line_result, usage_line_result
-- params    none
-- money     none: charge units
-- rule      Usage and charge 1, invariant 4: a unit is matched once; what is matched and what is open is
--           all there is, and the allocation says the same as the line.
with allocated as (
    select
        'U' as side,
        facility_id,
        usage_system_id as system_id,
        usage_id as record_id,
        sum(units) as units
    from charge_allocation
    group by facility_id, usage_system_id, usage_id
    union all
    select
        'C' as side,
        facility_id,
        charge_system_id as system_id,
        txn_id as record_id,
        sum(units) as units
    from charge_allocation
    group by facility_id, charge_system_id, txn_id
),

line as (
    select
        'U' as side,
        facility_id,
        system_id,
        usage_id as record_id,
        expected as units,
        matched,
        open
    from usage_line_result
    union all
    select
        'C' as side,
        facility_id,
        system_id,
        txn_id as record_id,
        cast(units - credited as decimal(18, 6)) as units,
        matched,
        open
    from charge_line_result
)

select
    line.side,
    line.facility_id,
    line.system_id,
    line.record_id,
    line.units,
    line.matched,
    line.open,
    cast(coalesce(allocated.units, 0) as decimal(18, 6)) as allocated
from line
left join allocated
    on
        line.side = allocated.side
        and line.facility_id = allocated.facility_id
        and line.system_id = allocated.system_id
        and line.record_id = allocated.record_id
where
    line.open < 0
    or line.matched < 0
    or line.matched <> coalesce(allocated.units, 0)
    or line.units <> line.matched + line.open
