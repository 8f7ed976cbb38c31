-- code_line: every record behind a finding on an account and code, with the units and dollars of it that are at stake.
--
-- grain     code, account_no, cdm_code, side, line_no
-- reads     left_open, used, charge_open, code_open
-- params    none
-- money     amount: units at stake at the record's own price, not rounded; positive lost, else too much
-- rule      Use left open is worth the price that was expected; a charge left open is worth what was charged for it. U
--           is a record of use, C a charge. (Usage and charge 1, step 6.)
select
    code_open.use_code as code,
    code_open.account_no,
    code_open.cdm_code,
    'U' as side,
    left_open.line_no,
    used.service_date,
    used.dept_id,
    left_open.units,
    cast(left_open.units * cast(used.unit_price as decimal(19, 6)) as decimal(38, 12)) as amount
from left_open
inner join used on left_open.line_no = used.use_no and left_open.side = 'U'
inner join code_open on used.account_no = code_open.account_no and used.cdm_code = code_open.cdm_code
union all
select
    code_open.charge_code as code,
    charge_open.account_no,
    charge_open.cdm_code,
    'C' as side,
    charge_open.charge_no as line_no,
    charge_open.service_date,
    charge_open.dept_id,
    charge_open.rest as units,
    cast(-charge_open.rest * cast(charge_open.unit_price as decimal(19, 6)) as decimal(38, 12)) as amount
from charge_open
inner join code_open
    on charge_open.account_no = code_open.account_no and charge_open.cdm_code = code_open.cdm_code
where charge_open.rest > 0
union all
select
    'SC08' as code,
    account_no,
    cdm_code,
    'C' as side,
    charge_no as line_no,
    service_date,
    dept_id,
    twin as units,
    cast(-twin * cast(unit_price as decimal(19, 6)) as decimal(38, 12)) as amount
from charge_open
where twin > 0
union all
select
    'SC10' as code,
    account_no,
    cdm_code,
    'C' as side,
    charge_no as line_no,
    service_date,
    dept_id,
    never as units,
    cast(-never * cast(unit_price as decimal(19, 6)) as decimal(38, 12)) as amount
from charge_open
where never > 0
union all
select
    'SC11' as code,
    account_no,
    cdm_code,
    'C' as side,
    charge_no as line_no,
    service_date,
    dept_id,
    untouched as units,
    cast(-untouched * cast(unit_price as decimal(19, 6)) as decimal(38, 12)) as amount
from charge_open
where untouched > 0
