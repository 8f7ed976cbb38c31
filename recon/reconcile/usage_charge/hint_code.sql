-- hint_code: open use and open charge that differ only in the code: the charge probably has a wrong one (SC06).
--
-- grain     use_no, charge_no
-- reads     left_after_transfer, used, charge_known, code_period
-- params    none
-- money     none: charge units
-- rule      Same account, day, department and first three digits of the revenue code; whole records of the same units.
--           A department that is not stated equals none. Only where the two are each other's only candidate; otherwise
--           nothing is guessed. A finding by this hint says that it is only suggested. (Usage and charge 1, step 5.)
with open_use as (
    select
        line.use_no,
        line.account_no,
        line.service_date,
        line.dept_id,
        line.cdm_code,
        substr(cdm.revenue_code, 1, 3) as family,
        open.units
    from left_after_transfer as open
    inner join used as line on open.line_no = line.use_no and open.units = line.units
    inner join code_period as cdm
        on
            line.facility_id = cdm.facility_id
            and line.cdm_code = cdm.cdm_code
            and line.service_date between cdm.from_day and cdm.to_day
    where open.side = 'U'
),

open_charge as (
    select
        line.charge_no,
        line.account_no,
        line.service_date,
        line.dept_id,
        line.cdm_code,
        substr(coalesce(line.revenue_code, cdm.revenue_code), 1, 3) as family,
        open.units
    from left_after_transfer as open
    inner join charge_known as line on open.line_no = line.charge_no and open.units = line.units
    left join code_period as cdm on line.period_no = cdm.period_no
    where open.side = 'C'
),

candidate as (
    select
        use.use_no,
        charge.charge_no,
        use.units
    from open_use as use
    inner join open_charge as charge
        on
            use.account_no = charge.account_no
            and use.service_date = charge.service_date
            and use.dept_id = charge.dept_id
            and use.family = charge.family
            and use.units = charge.units
    where use.cdm_code <> charge.cdm_code
),

counted as (
    select
        candidate.*,
        count(*) over (partition by use_no) as charges,
        count(*) over (partition by charge_no) as uses
    from candidate
)

select
    use_no,
    charge_no,
    units
from counted
where charges = 1 and uses = 1
