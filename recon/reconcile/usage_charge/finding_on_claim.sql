-- finding_on_claim: devices on claims: missing, without their procedure, credited and not said (SD01 to SD03, DQ01).
--
-- grain     finding_ref
-- reads     claim, claim_line, edit_code, device_credit, use_kept, account_number, charge_setting
-- params    none
-- money     gross 0; the claim's total is shown as at risk. A credit not reported is minus the credit
-- rule      Claims under the device edit, by their type of bill (edit_code). A procedure of the list needs a device of
--           the list on that day, or a modifier that says why there is none (SD01); a device needs one of its
--           procedures (SD02). A line without a day is of every day. A maker's credit of the share or more of the cost
--           is reported by value code FD and one of the condition codes, or by modifier on the bill types of those
--           who report so, surgery centres (SD03). Makers know serial numbers and no accounts: a credit without an
--           account is of that on which the device was taken out; where none is known, no claim can be asked (DQ01).
--           Only the claim that stands is judged: not one whose place a later replacement or void of the account takes,
--           nor an earlier replacement. One that was sent on the day of a void stands where an earlier one is there to
--           be voided. The frequency is as stated, else the last digit of the type of bill. Of a procedure or device
--           that claims of several days name for one day the last claim is judged: one that was not taken in is sent
--           again as a first one. (Usage and charge 1, step 7; 6, device-intensive edit, credit device.)
with sent as (
    select
        claim.*,
        account_number.account_no,
        coalesce(claim.claim_date, date '0001-01-01') as sent_date,
        case
            when claim.bill_type like '0%' then substr(claim.bill_type, 2)
            else claim.bill_type
        end as short_type
    from claim
    inner join account_number
        on claim.facility_id = account_number.facility_id and claim.account_key = account_number.account_key
),

told as (
    select
        sent.*,
        coalesce(frequency_code, nullif(substr(short_type, 3, 1), ''), '1') as frequency
    from sent
),

ended as (
    select
        account_no,
        max(case when frequency in ('7', '8') then sent_date end) as sent_date,
        max(case when frequency = '7' then sent_date end) as replaced_date,
        min(case when frequency <> '8' then sent_date end) as first_date
    from told
    group by account_no
    having max(case when frequency in ('7', '8') then 1 else 0 end) = 1
),

valid as (
    select told.*
    from told
    left join ended on told.account_no = ended.account_no
    where
        told.frequency <> '8'
        and (
            ended.account_no is null
            or told.sent_date > ended.sent_date
            or (told.frequency = '7' and told.sent_date = ended.sent_date)
            or (
                told.sent_date = ended.sent_date
                and ended.first_date < ended.sent_date
                and (ended.replaced_date is null or ended.replaced_date < ended.sent_date)
            )
        )
),

edited as (
    select
        valid.claim_id,
        valid.facility_id,
        valid.account_no,
        valid.sent_date,
        valid.charge
    from valid
    inner join edit_code on edit_code.kind = 'DEVICE_BILL' and valid.short_type like edit_code.code || '%'
    group by valid.claim_id, valid.facility_id, valid.account_no, valid.sent_date, valid.charge
),

totalled as (
    select
        claim_id,
        cast(sum(charge) as decimal(18, 2)) as charge
    from claim_line
    group by claim_id
),

line as (
    select
        edited.account_no,
        edited.sent_date,
        claim_line.claim_id,
        claim_line.line_no,
        claim_line.hcpcs,
        claim_line.mods,
        claim_line.service_date
    from edited
    inner join claim_line on edited.claim_id = claim_line.claim_id
    where claim_line.hcpcs is not null
),

device as (
    select
        line.claim_id,
        line.service_date
    from line
    inner join edit_code on edit_code.kind = 'DEVICE' and line.hcpcs = edit_code.code
    group by line.claim_id, line.service_date
),

bypassed as (
    select
        line.claim_id,
        line.line_no
    from line
    inner join edit_code
        on
            edit_code.kind = 'BYPASS_MODIFIER'
            and ' ' || line.mods || ' ' like '% ' || edit_code.code || ' %'
    group by line.claim_id, line.line_no
),

with_device as (
    select
        line.claim_id,
        line.line_no
    from line
    inner join device
        on
            line.claim_id = device.claim_id
            and (
                line.service_date = device.service_date
                or line.service_date is null
                or device.service_date is null
            )
    group by line.claim_id, line.line_no
),

sent_again as (
    select
        earlier.claim_id,
        earlier.line_no
    from line as earlier
    inner join line as later
        on
            earlier.account_no = later.account_no
            and earlier.hcpcs = later.hcpcs
            and earlier.sent_date < later.sent_date
            and (
                earlier.service_date = later.service_date
                or earlier.service_date is null
                or later.service_date is null
            )
    group by earlier.claim_id, earlier.line_no
),

without_device as (
    select line.*
    from line
    inner join edit_code on edit_code.kind = 'NEEDS_DEVICE' and line.hcpcs = edit_code.code
    left join with_device on line.claim_id = with_device.claim_id and line.line_no = with_device.line_no
    left join bypassed on line.claim_id = bypassed.claim_id and line.line_no = bypassed.line_no
    left join sent_again on line.claim_id = sent_again.claim_id and line.line_no = sent_again.line_no
    where with_device.claim_id is null and bypassed.claim_id is null and sent_again.claim_id is null
),

needing as (
    select code
    from edit_code
    where kind = 'NEEDS_PROCEDURE'
    group by code
),

with_procedure as (
    select
        line.claim_id,
        line.line_no
    from line
    inner join edit_code on edit_code.kind = 'NEEDS_PROCEDURE' and line.hcpcs = edit_code.code
    inner join line as procedure
        on
            line.claim_id = procedure.claim_id
            and edit_code.needs = procedure.hcpcs
            and (
                line.service_date = procedure.service_date
                or line.service_date is null
                or procedure.service_date is null
            )
    group by line.claim_id, line.line_no
),

without_procedure as (
    select line.*
    from line
    inner join needing on line.hcpcs = needing.code
    left join with_procedure on line.claim_id = with_procedure.claim_id and line.line_no = with_procedure.line_no
    left join sent_again on line.claim_id = sent_again.claim_id and line.line_no = sent_again.line_no
    where with_procedure.claim_id is null and sent_again.claim_id is null
),

reported as (
    select valid.account_no
    from valid
    inner join edit_code as by_value
        on
            by_value.kind = 'CREDIT_VALUE'
            and ' ' || valid.value_codes || ' ' like '% ' || by_value.code || '%'
    inner join edit_code as by_condition
        on
            by_condition.kind = 'CREDIT_CONDITION'
            and ' ' || valid.condition_codes || ' ' like '% ' || by_condition.code || ' %'
    union
    select valid.account_no
    from valid
    inner join claim_line on valid.claim_id = claim_line.claim_id
    inner join edit_code
        on
            edit_code.kind = 'CREDIT_MODIFIER'
            and ' ' || claim_line.mods || ' ' like '% ' || edit_code.code || ' %'
            and (edit_code.needs = '*' or valid.short_type is null or valid.short_type like edit_code.needs || '%')
),

claimed as (
    select
        account_no,
        min(claim_id) as claim_id,
        cast(sum(charge) as decimal(18, 2)) as charge
    from valid
    group by account_no
),

taken_out as (
    select
        facility_id,
        serial_key,
        min(account_no) as account_no
    from use_kept
    where disposition = 'EXPLANTED' and serial_key is not null and account_no is not null
    group by facility_id, serial_key
    having min(account_no) = max(account_no)
),

to_report as (
    select
        credit.credit_id,
        credit.facility_id,
        credit.item_id,
        credit.credit,
        coalesce(account_number.account_no, taken_out.account_no) as account_no
    from device_credit as credit
    left join account_number
        on credit.facility_id = account_number.facility_id and credit.account_key = account_number.account_key
    left join taken_out
        on
            credit.account_key is null
            and credit.facility_id = taken_out.facility_id
            and credit.serial_key = taken_out.serial_key
    inner join charge_setting as share on share.setting = 'CREDIT_SHARE'
    where
        credit.credit > 0
        and cast(credit.credit as decimal(19, 2)) >= cast(credit.cost as decimal(19, 2)) * share.value
),

unreported as (
    select
        credit.credit_id,
        credit.facility_id,
        credit.item_id,
        credit.credit,
        claimed.account_no,
        claimed.claim_id,
        claimed.charge
    from to_report as credit
    inner join claimed on credit.account_no = claimed.account_no
    left join reported on claimed.account_no = reported.account_no
    where reported.account_no is null
),

found as (
    select
        'SD01' as code,
        edited.facility_id,
        edited.account_no,
        cast(null as varchar) as item_id,
        edited.claim_id,
        without_device.line_no as claim_line_no,
        cast(0 as decimal(18, 2)) as gross,
        coalesce(edited.charge, totalled.charge) as at_risk,
        without_device.hcpcs as remark,
        without_device.service_date,
        'claim_line' as record_table,
        edited.claim_id || '|' || cast(without_device.line_no as varchar) as record_key
    from without_device
    inner join edited on without_device.claim_id = edited.claim_id
    left join totalled on without_device.claim_id = totalled.claim_id
    union all
    select
        'SD02' as code,
        edited.facility_id,
        edited.account_no,
        cast(null as varchar) as item_id,
        edited.claim_id,
        without_procedure.line_no as claim_line_no,
        cast(0 as decimal(18, 2)) as gross,
        coalesce(edited.charge, totalled.charge) as at_risk,
        without_procedure.hcpcs as remark,
        without_procedure.service_date,
        'claim_line' as record_table,
        edited.claim_id || '|' || cast(without_procedure.line_no as varchar) as record_key
    from without_procedure
    inner join edited on without_procedure.claim_id = edited.claim_id
    left join totalled on without_procedure.claim_id = totalled.claim_id
    union all
    select
        'SD03' as code,
        facility_id,
        account_no,
        item_id,
        claim_id,
        cast(null as integer) as claim_line_no,
        cast(-credit as decimal(18, 2)) as gross,
        charge as at_risk,
        cast(null as varchar) as remark,
        cast(null as date) as service_date,
        'device_credit' as record_table,
        credit_id as record_key
    from unreported
    union all
    select
        'DQ01' as code,
        facility_id,
        account_no,
        item_id,
        cast(null as varchar) as claim_id,
        cast(null as integer) as claim_line_no,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as decimal(18, 2)) as at_risk,
        'credit of a maker' as remark,
        cast(null as date) as service_date,
        'device_credit' as record_table,
        credit_id as record_key
    from to_report
    where account_no is null
)

select
    found.code || '|K|' || found.record_key as finding_ref,
    found.code,
    found.facility_id,
    found.account_no,
    cast(null as bigint) as other_account_no,
    cast(null as varchar) as cdm_code,
    cast(null as varchar) as other_cdm_code,
    found.item_id,
    cast(null as bigint) as use_no,
    cast(null as bigint) as charge_no,
    found.claim_id,
    found.claim_line_no,
    cast(null as varchar) as po_id,
    cast(null as varchar) as dept_id,
    cast(null as varchar) as location_id,
    cast(null as decimal(18, 6)) as units,
    found.gross,
    found.at_risk,
    false as is_suggested,
    cast(null as varchar) as finding_key,
    found.remark,
    found.service_date,
    found.record_table,
    found.record_key,
    case when found.record_table = 'device_credit' then 'CREDIT' else 'CLAIM' end as record_role
from found
