-- finding_on_record: charges and credits that cannot be counted where they stand (SC13, SP02, DQ01, DQ03 to DQ05).
--
-- grain     finding_ref
-- reads     charge_known, charge_latest, charge_scope, charge_setting, credited, account_number, account_survivor,
--           shifted_fields
-- params    none
-- money     a credit left over at its own price, else the charge master's; a credit of no units at its amount; nothing
--           else moves money
-- rule      Credits that found no charge (SC13); charges and credits without an account, and circles of merges, which
--           have no survivor (DQ01); charges of a type that is neither charge nor credit, payment, adjustment nor
--           co-payment (DQ05); a credit that was sent with two contents (DQ04), or of a supply and of no
--           units (SP02): of a charge that is finding_on_charge's.
--           Records whose fields stand in the wrong place were held back when they were read: one finding for each file
--           (DQ03), because one setting of the interface mends them all. (Usage and charge 1, steps 1 and 2.)
with unmet as (
    select
        known.*,
        cast(known.units - coalesce(credited.units, 0) as decimal(18, 6)) as left_over
    from charge_known as known
    left join credited on known.charge_no = credited.charge_no
    where known.is_credit and known.units > coalesce(credited.units, 0)
),

found as (
    select
        'SC13' as code,
        facility_id,
        account_no,
        cdm_code,
        dept_id,
        left_over as units,
        cast(
            -round(left_over * cast(unit_price as decimal(19, 6)), 2) as decimal(18, 2)
        ) as gross,
        cast(null as varchar) as remark,
        service_date,
        'charge_event' as record_table,
        system_id || '|' || txn_id as record_key,
        'CREDIT' as record_role
    from unmet
    where account_no is not null
    union all
    select
        'DQ04' as code,
        facility_id,
        account_no,
        cdm_code,
        dept_id,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark,
        service_date,
        'charge_event' as record_table,
        system_id || '|' || txn_id as record_key,
        'CREDIT' as record_role
    from charge_known
    where is_credit and is_conflict
    union all
    -- It takes back no unit, and an amount.
    select
        'SP02' as code,
        credit.facility_id,
        credit.account_no,
        credit.cdm_code,
        credit.dept_id,
        cast(null as decimal(18, 6)) as units,
        abs(credit.ext_amount) as gross,
        cast(null as varchar) as remark,
        credit.service_date,
        'charge_event' as record_table,
        credit.system_id || '|' || credit.txn_id as record_key,
        'CREDIT' as record_role
    from charge_known as credit
    inner join charge_scope as scope
        on credit.period_no = scope.period_no and coalesce(credit.revenue_code, '') = scope.revenue_code
    inner join charge_setting as tolerance on tolerance.setting = 'PRICE_ABS'
    where credit.is_credit and credit.units = 0 and abs(credit.ext_amount) > tolerance.value and scope.is_supply
    union all
    select
        'DQ01' as code,
        facility_id,
        account_no,
        cdm_code,
        dept_id,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        'charge' as remark,
        service_date,
        'charge_event' as record_table,
        system_id || '|' || txn_id as record_key,
        case when is_credit then 'CREDIT' else 'CHARGED' end as record_role
    from charge_known
    where account_no is null
    union all
    select
        'DQ01' as code,
        survivor.facility_id,
        account_number.account_no,
        cast(null as varchar) as cdm_code,
        cast(null as varchar) as dept_id,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        'merged in a circle' as remark,
        cast(null as date) as service_date,
        'patient_account' as record_table,
        survivor.facility_id || '|' || survivor.account_key as record_key,
        'CHARGED' as record_role
    from account_survivor as survivor
    inner join account_number
        on survivor.facility_id = account_number.facility_id and survivor.account_key = account_number.account_key
    where survivor.is_circle
    union all
    select
        'DQ05' as code,
        latest.facility_id,
        account_number.account_no,
        latest.cdm_code,
        latest.dept_id,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        latest.type as remark,
        latest.service_date,
        'charge_event' as record_table,
        latest.system_id || '|' || latest.txn_id as record_key,
        'CHARGED' as record_role
    from charge_latest as latest
    left join account_number
        on latest.facility_id = account_number.facility_id and latest.account_key = account_number.account_key
    where latest.type not in ('CG', 'CD', 'PY', 'AJ', 'CO') and latest.status <> 'DELETED'
    union all
    select
        'DQ03' as code,
        facility_id,
        cast(null as bigint) as account_no,
        cast(null as varchar) as cdm_code,
        cast(null as varchar) as dept_id,
        cast(records as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        feed || ': ' || reason as remark,
        cast(null as date) as service_date,
        'quarantine' as record_table,
        feed || '|' || file_name as record_key,
        'CHARGED' as record_role
    from shifted_fields
)

select
    found.code || '|R|' || found.record_key as finding_ref,
    found.code,
    found.facility_id,
    found.account_no,
    cast(null as bigint) as other_account_no,
    found.cdm_code,
    cast(null as varchar) as other_cdm_code,
    cast(null as varchar) as item_id,
    cast(null as bigint) as use_no,
    cast(null as bigint) as charge_no,
    cast(null as varchar) as claim_id,
    cast(null as integer) as claim_line_no,
    cast(null as varchar) as po_id,
    found.dept_id,
    cast(null as varchar) as location_id,
    found.units,
    found.gross,
    cast(null as decimal(18, 2)) as at_risk,
    false as is_suggested,
    cast(null as varchar) as finding_key,
    found.remark,
    found.service_date,
    found.record_table,
    found.record_key,
    found.record_role
from found
