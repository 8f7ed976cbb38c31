-- finding_on_denial: what payers deny for supplies' defects, and claims they do not take in (DN01 to DN07).
--
-- grain     finding_ref
-- reads     claim_adjustment, claim_payment, remittance, service_remark, denial_code, claim_status,
--           edit_code, claim, account_number
-- params    none
-- money     the adjusted amount; of one denial taken back later the sum is nothing
-- rule      Which adjustments are denials, and for what, says rule table denial_code: the row for the remark beside the
--           reason goes before the one for any remark. What patients owe (PR) and reasons that are not in the table are
--           no denials.
--           A payer that takes a denial back seldom repeats its remarks: what is taken back of a line is taken from its
--           reason, and what is left is called as the newest denial for that reason was.
--           What a payer does not take back it may decide anew, under another number: a later payment for a replacement
--           (frequency 7), or for a claim of the same charge, of which payer, kind of bill and days do not differ where
--           both are said. One that is denied as a duplicate decides nothing.
--           A claim is rejected (DN05) if the newest report on it says so: one on its account that bears the payer's
--           number, or of which payer, kind of bill and days do not differ where both are said. Under another number it
--           must be of a later day, for of one day nobody knows which came first. What is refused is the claim, else
--           its lines. Merged accounts are one.
--           A report may refuse all that was sent, of one hospital or of all, above any claim. That is one finding
--           without an account, unless the report names the claims that it refuses; until a later one of the payer
--           takes the same amount in. (Usage and charge 1, step 7 and denial map.)
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

decision as (
    select
        account_number.account_no,
        payment.claim_key,
        max(remittance.payer_id) as payer_id,
        max(
            case
                when payment.status_code in ('1', '19') then 'FIRST'
                when payment.status_code in ('2', '3', '20', '21') then 'FURTHER'
            end
        ) as payer_order,
        max(payment.place_of_service) as bill_kind,
        max(case when payment.status_code <> '22' then payment.frequency_code end) as frequency_code,
        max(case when payment.status_code <> '22' then payment.payment_date end) as payment_date,
        max(case when payment.status_code <> '22' then payment.charge end) as charge,
        min(payment.statement_from) as service_from,
        max(coalesce(payment.statement_to, payment.statement_from)) as service_to,
        max(case when payment.status_code = '22' then payment.payment_date end) as taken_back_date
    from claim_payment as payment
    inner join account_number
        on payment.facility_id = account_number.facility_id and payment.account_key = account_number.account_key
    left join remittance on payment.remittance_id = remittance.remittance_id
    where payment.claim_key is not null
    group by account_number.account_no, payment.claim_key
),

called_duplicate as (
    select
        account_no,
        claim_key
    from denied
    where code = 'DN04' and amount > 0
    group by account_no, claim_key
),

decided_anew as (
    select
        decision.account_no,
        decision.claim_key
    from decision
    inner join decision as newer
        on
            decision.account_no = newer.account_no
            and decision.claim_key <> newer.claim_key
            and decision.payment_date < newer.payment_date
    left join called_duplicate
        on newer.account_no = called_duplicate.account_no and newer.claim_key = called_duplicate.claim_key
    where
        (newer.frequency_code = '7' or (newer.charge = decision.charge and newer.charge > 0))
        and coalesce(newer.taken_back_date < newer.payment_date, true)
        and coalesce(newer.payer_id = decision.payer_id, true)
        and coalesce(newer.payer_order = decision.payer_order, true)
        and coalesce(newer.bill_kind = decision.bill_kind, true)
        and coalesce(newer.service_from <= decision.service_to, true)
        and coalesce(decision.service_from <= newer.service_to, true)
        and called_duplicate.account_no is null
    group by decision.account_no, decision.claim_key
),

report as (
    select
        status.facility_id,
        account_number.account_no,
        status.account_key,
        coalesce(status.claim_key, '') as claim_key,
        status.report_id,
        status.line_no,
        status.payer_id,
        substr(
            case when status.bill_type like '0%' then substr(status.bill_type, 2) else status.bill_type end, 1, 2
        ) as bill_kind,
        status.service_from,
        status.service_to,
        status.charge,
        coalesce(status.status_date, date '1900-01-01') as status_date,
        status.category_code,
        status.status_code,
        status.category_code_2,
        status.category_code_3
    from claim_status as status
    inner join account_number
        on status.facility_id = account_number.facility_id and status.account_key = account_number.account_key
),

answer as (
    select
        account_no,
        claim_key,
        report_id,
        max(status_date) as status_date,
        max(payer_id) as payer_id,
        max(bill_kind) as bill_kind,
        min(case when line_no is null then service_from end) as service_from,
        max(case when line_no is null then coalesce(service_to, service_from) end) as service_to
    from report
    group by account_no, claim_key, report_id
),

-- A claim that is sent again has another number at many payers, and a refused one has none at some.
answered_anew as (
    select distinct
        answer.account_no,
        answer.claim_key,
        answer.report_id
    from answer
    inner join answer as newer on answer.account_no = newer.account_no
    where
        (
            newer.status_date > answer.status_date
            or (
                newer.status_date = answer.status_date
                and newer.claim_key = answer.claim_key
                and newer.report_id > answer.report_id
            )
        )
        and (
            (newer.claim_key = answer.claim_key and answer.claim_key <> '')
            or (
                coalesce(newer.payer_id = answer.payer_id, true)
                and coalesce(newer.bill_kind = answer.bill_kind, true)
                and coalesce(newer.service_from <= answer.service_to, true)
                and coalesce(answer.service_from <= newer.service_to, true)
            )
        )
),

refused as (
    select
        report.facility_id,
        report.account_no,
        report.account_key,
        report.claim_key,
        report.report_id,
        report.line_no,
        max(report.charge) as charge,
        min(report.category_code || coalesce(' ' || report.status_code, '')) as remark
    from report
    inner join edit_code
        on
            edit_code.kind = 'REJECTED'
            and edit_code.code in (report.category_code, report.category_code_2, report.category_code_3)
    left join answered_anew
        on
            report.account_no = answered_anew.account_no
            and report.claim_key = answered_anew.claim_key
            and report.report_id = answered_anew.report_id
    where answered_anew.account_no is null
    group by
        report.facility_id, report.account_no, report.account_key, report.claim_key, report.report_id, report.line_no
),

refused_claim as (
    select
        facility_id,
        account_no,
        min(account_key) as account_key,
        claim_key,
        coalesce(max(case when line_no is null then charge end), sum(charge), 0) as amount,
        min(remark) as remark
    from refused
    group by facility_id, account_no, claim_key, report_id
),

rejected as (
    select
        facility_id,
        account_no,
        min(account_key) as account_key,
        claim_key,
        cast(sum(amount) as decimal(18, 2)) as amount,
        min(remark) as remark
    from refused_claim
    group by facility_id, account_no, claim_key
),

refused_by_name as (
    select
        report.report_id,
        report.facility_id
    from report
    inner join edit_code
        on
            edit_code.kind = 'REJECTED'
            and edit_code.code in (report.category_code, report.category_code_2, report.category_code_3)
    union
    select
        report.report_id,
        '' as facility_id
    from report
    inner join edit_code
        on
            edit_code.kind = 'REJECTED'
            and edit_code.code in (report.category_code, report.category_code_2, report.category_code_3)
),

-- What a report says above the claims.
whole as (
    select
        status.report_id,
        coalesce(status.facility_id, '') as facility_id,
        max(status.payer_id) as payer_id,
        coalesce(max(status.status_date), date '1900-01-01') as status_date,
        min(case when edit_code.code is not null then status.status_no end) as refused_no,
        max(status.charge) as charge,
        max(case when edit_code.code is not null then status.charge end) as refused_charge,
        min(
            case
                when edit_code.code is not null
                    then
                        status.category_code || coalesce(' ' || status.status_code, '')
                        || case
                            when status.level_code in ('22', '23', 'PT') then ', a claim without an account'
                            else ', all that was sent'
                        end
            end
        ) as remark
    from claim_status as status
    left join edit_code
        on
            edit_code.kind = 'REJECTED'
            and edit_code.code in (status.category_code, status.category_code_2, status.category_code_3)
    where status.account_key is null
    group by status.report_id, coalesce(status.facility_id, '')
),

taken_in_later as (
    select
        whole.report_id,
        whole.facility_id
    from whole
    inner join whole as newer
        on
            whole.facility_id = newer.facility_id
            and whole.refused_charge = newer.charge
            and whole.status_date < newer.status_date
            and coalesce(whole.payer_id = newer.payer_id, true)
    where newer.refused_no is null
    group by whole.report_id, whole.facility_id
),

refused_whole as (
    select
        nullif(whole.facility_id, '') as facility_id,
        whole.report_id,
        whole.refused_no,
        coalesce(whole.refused_charge, 0) as amount,
        whole.remark
    from whole
    left join refused_by_name
        on whole.report_id = refused_by_name.report_id and whole.facility_id = refused_by_name.facility_id
    left join taken_in_later
        on whole.report_id = taken_in_later.report_id and whole.facility_id = taken_in_later.facility_id
    where
        whole.refused_no is not null
        and refused_by_name.report_id is null
        and taken_in_later.report_id is null
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
        denied.code,
        denied.facility_id,
        denied.account_no,
        denied.claim_key,
        denied.line_no,
        denied.amount,
        denied.remark,
        'claim_adjustment' as record_table,
        denied.facility_id || '|' || denied.account_key || '|' || coalesce(denied.claim_key, '')
        || '|' || coalesce(cast(denied.line_no as varchar), '') as record_key
    from denied
    left join decided_anew
        on denied.account_no = decided_anew.account_no and denied.claim_key = decided_anew.claim_key
    where denied.amount > 0 and decided_anew.account_no is null
    union all
    select
        'DN05' as code,
        facility_id,
        account_no,
        nullif(claim_key, '') as claim_key,
        cast(null as integer) as line_no,
        amount,
        remark,
        'claim_status' as record_table,
        facility_id || '|' || account_key || '|' || claim_key || '|' as record_key
    from rejected
    union all
    select
        'DN05' as code,
        facility_id,
        cast(null as bigint) as account_no,
        cast(null as varchar) as claim_key,
        cast(null as integer) as line_no,
        amount,
        remark,
        'claim_status' as record_table,
        report_id || '|' || cast(refused_no as varchar) as record_key
    from refused_whole
)

select
    found.code || '|D|' || found.record_key as finding_ref,
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
    found.record_key,
    'DENIAL' as record_role
from found
left join sent on found.account_no = sent.account_no and found.claim_key = sent.claim_key
