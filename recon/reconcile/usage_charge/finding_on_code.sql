-- finding_on_code: one finding per account, code and class of what is left open (SC01 to SC05, SC08, SC10, SC11).
--
-- grain     finding_ref
-- reads     code_line, code_open, account_known, used
-- params    none
-- money     gross is the sum of its records' amounts, rounded once: three thirds of 950.00 are 950.00
-- rule      One finding says all that is open of an account, code and class, since somebody mends all of it in one go.
--           The item is that of its records of use, where they are all of one.
--           finding_key of an SC05 is the hash of hospital, item, code, factor and direction: the unit factor that
--           explains it (unit_factor). (Usage and charge 1, step 6.)
with summed as (
    select
        line.code,
        line.account_no,
        line.cdm_code,
        cast(sum(line.units) as decimal(18, 6)) as units,
        cast(round(sum(line.amount), 2) as decimal(18, 2)) as gross,
        min(line.service_date) as service_date,
        min(line.dept_id) as dept_id,
        case
            when min(used.item_id) = max(used.item_id) and count(used.item_id) = count(used.use_no)
                then min(used.item_id)
        end as item_id,
        case when count(*) = 1 and min(line.side) = 'U' then min(line.line_no) end as use_no,
        case when count(*) = 1 and min(line.side) = 'C' then min(line.line_no) end as charge_no
    from code_line as line
    left join used on line.line_no = used.use_no and line.side = 'U'
    group by line.code, line.account_no, line.cdm_code
)

select
    summed.code || '|' || cast(summed.account_no as varchar) || '|' || summed.cdm_code as finding_ref,
    summed.code,
    account.facility_id,
    summed.account_no,
    cast(null as bigint) as other_account_no,
    summed.cdm_code,
    cast(null as varchar) as other_cdm_code,
    case when summed.code = 'SC05' then code_open.factor_item_id else summed.item_id end as item_id,
    summed.use_no,
    summed.charge_no,
    cast(null as varchar) as claim_id,
    cast(null as integer) as claim_line_no,
    cast(null as varchar) as po_id,
    summed.dept_id,
    cast(null as varchar) as location_id,
    summed.units,
    summed.gross,
    cast(null as decimal(18, 2)) as at_risk,
    false as is_suggested,
    case
        when summed.code = 'SC05'
            then
                left(md5(
                    account.facility_id || '|' || code_open.factor_item_id || '|' || summed.cdm_code
                    || '|' || cast(code_open.factor as varchar)
                    || '|' || case when code_open.use_units = 0 then 'OVER' else 'UNDER' end
                ), 16)
    end as finding_key,
    cast(null as varchar) as remark,
    summed.service_date,
    cast(null as varchar) as record_table,
    cast(null as varchar) as record_key,
    cast(null as varchar) as record_role
from summed
inner join account_known as account on summed.account_no = account.account_no
left join code_open on summed.account_no = code_open.account_no and summed.cdm_code = code_open.cdm_code
