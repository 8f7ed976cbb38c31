-- charged: charges in force, what credits have left of them, and what the charge master says of them.
--
-- grain     charge_no
-- reads     charge_known, credited, code_period
-- params    none
-- money     price: the charge master's; unit_price: as charged, else the charge master's
-- rule      Usage and charge 1, steps 1 and 2.
select
    known.charge_no,
    known.charge_rank,
    known.facility_id,
    known.system_id,
    known.txn_id,
    known.account_no,
    known.is_conflict,
    known.units as charged_units,
    cast(known.units - coalesce(credited.units, 0) as decimal(18, 6)) as units,
    known.service_date,
    known.post_date,
    known.cdm_code,
    known.ext_amount,
    known.amount_per_unit,
    cast(coalesce(known.amount_per_unit, cdm.price, 0) as decimal(18, 6)) as unit_price,
    cdm.price,
    cdm.method,
    cdm.standing,
    cdm.revenue_code as cdm_revenue_code,
    coalesce(known.revenue_code, cdm.revenue_code) as revenue_code,
    known.revenue_code as charged_revenue_code,
    coalesce(known.hcpcs, cdm.hcpcs) as hcpcs,
    coalesce(known.mods, cdm.mods) as mods,
    known.mods as charged_mods,
    known.dept_id,
    known.location_id,
    known.item_id,
    known.lot,
    known.serial_key,
    known.order_id,
    known.repeat_reason
from charge_known as known
left join credited on known.charge_no = credited.charge_no
left join code_period as cdm
    on
        known.facility_id = cdm.facility_id
        and known.cdm_code = cdm.cdm_code
        and known.service_date between cdm.from_day and cdm.to_day
where not known.is_credit
