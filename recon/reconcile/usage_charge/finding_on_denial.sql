-- finding_on_denial: what payers deny for supplies' defects, and claims they do not take in (DN01 to DN07).
--
-- grain     finding_ref
-- reads     claim_adjustment, claim_payment, service_remark, denial_code, claim_status, edit_code,
--           claim, account_number
-- params    none
-- money     the adjusted amount; of one denial taken back later the sum is nothing
-- rule      Usage and charge 1, denial map (rule table denial_code): the row for the remark beside the
--           reason beats the one for any. What patients owe (PR) and reasons not in the table are no
--           denials. What is taken back of a line is taken from its reason, for remarks are seldom said
--           again then; what is left is called as the newest denial for that reason was. A claim is
--           rejected if the newest report on it says so (DN05). Merged accounts are one.
with adjusted as (
    select
        adjustment.facility_id,
        account_number.account_no,
        adjustment.account_key,
        payment.claim_key,
        payment.payment_date,
        payment.rarc,
        adjustment.remittance_id,
        adjustment.claim_no,
        adjustment.adjustment_no,
        adjustment.line_no,
        adjustment.carc,
        adjustment.amount
    from claim_adjustment as adjustment
    inner join account_number
        on
            adjustment.facility_id = account_number.facility_id
            and adjustment.account_key = account_number.account_key
    left join claim_payment as payment
        on adjustment.remittance_id = payment.remittance_id and adjustment.claim_no = payment.claim_no
    where adjustment.group_code <> 'PR'
),

ranked as (
    select
        adjusted.facility_id,
        adjusted.account_no,
        adjusted.account_key,
        adjusted.claim_key,
        adjusted.payment_date,
        adjusted.remittance_id,
        adjusted.claim_no,
        adjusted.adjustment_no,
        adjusted.line_no,
        adjusted.carc,
        adjusted.amount,
        denial_code.rarc,
        denial_code.code,
        row_number() over (
            partition by adjusted.remittance_id, adjusted.claim_no, adjusted.adjustment_no
            order by case when denial_code.rarc = '*' then 1 else 0 end, denial_code.rarc
        ) as place
    from adjusted
    inner join denial_code on adjusted.carc = denial_code.carc
    left join service_remark as remark
        on
            adjusted.remittance_id = remark.remittance_id
            and adjusted.claim_no = remark.claim_no
            and adjusted.line_no = remark.line_no
            and denial_code.rarc = remark.rarc
    where
        denial_code.rarc = '*'
        or remark.rarc is not null
        or ' ' || adjusted.rarc || ' ' like '% ' || denial_code.rarc || ' %'
),

reason as (
    select
        facility_id,
        account_no,
        min(account_key) over (partition by account_no, claim_key, line_no) as account_key,
        claim_key,
        line_no,
        carc,
        rarc,
        code,
        sum(amount) over (partition by account_no, claim_key, line_no, carc) as amount,
        row_number() over (
            partition by account_no, claim_key, line_no, carc
            order by
                case when amount > 0 then 0 else 1 end,
                payment_date desc nulls last,
                remittance_id desc,
                claim_no desc,
                adjustment_no desc
        ) as age
    from ranked
    where place = 1
),

denied as (
    select
        facility_id,
        account_no,
        min(account_key) as account_key,
        claim_key,
        line_no,
        code,
        cast(sum(amount) as decimal(18, 2)) as amount,
        min(case when amount > 0 then carc || case when rarc = '*' then '' else ' ' || rarc end end) as remark
    from reason
    where age = 1
    group by facility_id, account_no, claim_key, line_no, code
),

report as (
    select
        status.facility_id,
        account_number.account_no,
        status.account_key,
        coalesce(status.claim_key, '') as claim_key,
        status.report_id,
        status.status_no,
        status.line_no,
        status.charge,
        status.status_date,
        status.category_code,
        status.status_code,
        status.category_code_2,
        status.category_code_3,
        row_number() over (
            partition by account_number.account_no, coalesce(status.claim_key, '')
            order by status.status_date desc nulls last, status.report_id desc, status.status_no
        ) as age
    from claim_status as status
    inner join account_number
        on status.facility_id = account_number.facility_id and status.account_key = account_number.account_key
),

newest as (
    select report.*
    from report
    inner join report as first_of
        on
            report.account_no = first_of.account_no
            and report.claim_key = first_of.claim_key
            and report.report_id = first_of.report_id
    where first_of.age = 1
),

rejected as (
    select
        newest.facility_id,
        newest.account_no,
        min(newest.account_key) as account_key,
        newest.claim_key,
        cast(coalesce(
            max(case when newest.line_no is null then newest.charge end), sum(newest.charge), 0
        ) as decimal(18, 2)) as amount,
        min(newest.category_code || coalesce(' ' || newest.status_code, '')) as remark
    from newest
    inner join edit_code
        on
            edit_code.kind = 'REJECTED'
            and edit_code.code in (newest.category_code, newest.category_code_2, newest.category_code_3)
    group by newest.facility_id, newest.account_no, newest.claim_key
),

sent as (
    select
        account_number.account_no,
        claim.claim_key,
        min(claim.claim_id) as claim_id,
        max(claim.charge) as charge
    from claim
    inner join account_number
        on claim.facility_id = account_number.facility_id and claim.account_key = account_number.account_key
    where claim.claim_key is not null
    group by account_number.account_no, claim.claim_key
),

found as (
    select
        code,
        facility_id,
        account_no,
        account_key,
        claim_key,
        line_no,
        amount,
        remark,
        'claim_adjustment' as record_table
    from denied
    where amount > 0
    union all
    select
        'DN05' as code,
        facility_id,
        account_no,
        account_key,
        nullif(claim_key, '') as claim_key,
        cast(null as integer) as line_no,
        amount,
        remark,
        'claim_status' as record_table
    from rejected
)

select
    found.code || '|D|' || found.facility_id || '|' || found.account_key || '|' || coalesce(found.claim_key, '')
    || '|' || coalesce(cast(found.line_no as varchar), '') as finding_ref,
    found.code,
    found.facility_id,
    found.account_no,
    cast(null as bigint) as other_account_no,
    cast(null as varchar) as cdm_code,
    cast(null as varchar) as other_cdm_code,
    cast(null as varchar) as item_id,
    cast(null as bigint) as use_no,
    cast(null as bigint) as charge_no,
    coalesce(sent.claim_id, found.claim_key) as claim_id,
    found.line_no as claim_line_no,
    cast(null as varchar) as po_id,
    cast(null as varchar) as dept_id,
    cast(null as varchar) as location_id,
    cast(null as decimal(18, 6)) as units,
    cast(
        case when found.code = 'DN05' and found.amount = 0 then coalesce(sent.charge, 0) else found.amount end
        as decimal(18, 2)
    ) as gross,
    cast(null as decimal(18, 2)) as at_risk,
    false as is_suggested,
    cast(null as varchar) as finding_key,
    found.remark,
    cast(null as date) as service_date,
    found.record_table,
    found.facility_id || '|' || found.account_key
    || '|' || coalesce(found.claim_key, '') || '|' || coalesce(cast(found.line_no as varchar), '') as record_key,
    'DENIAL' as record_role
from found
left join sent on found.account_no = sent.account_no and found.claim_key = sent.claim_key
