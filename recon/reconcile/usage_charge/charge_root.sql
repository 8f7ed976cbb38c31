-- charge_root: the open finding that caused each denial, where one did.
--
-- grain     exception_key
-- reads     charge_keyed, denial_cause, claim_payment, service_payment, code_period
-- params    none
-- money     none
-- rule      A denial joins one open finding of its account, if rule table denial_cause says that findings of that code
--           cause it. Causes of the denial's remark code replace those of any remark: a denial for a revenue code is
--           not explained by a serial number.
--           Of several findings, one on what the denied line names (its HCPCS code as billed, else its revenue code)
--           goes before one on anything else; then the likelier cause; then the one of the denied amount; then the
--           lower key. Of findings on claims, remark is the HCPCS code of the line. (Usage and charge 1, step 7.)
with told as (
    -- The remark of a denial is its reason and, where that decided, its remark code: 16 M50.
    select
        keyed.exception_key,
        max(of_remark.rarc) as rarc
    from charge_keyed as keyed
    inner join denial_cause as of_remark
        on keyed.code = of_remark.code and of_remark.rarc <> '*' and keyed.remark like '% ' || of_remark.rarc
    group by keyed.exception_key
),

-- A line under the name that a denial of it has.
paid_line as (
    select
        paid.facility_id || '|' || paid.account_key || '|' || coalesce(payment.claim_key, '')
        || '|' || cast(paid.line_no as varchar) as record_key,
        coalesce(paid.billed_hcpcs, paid.hcpcs) as hcpcs,
        paid.revenue_code
    from service_payment as paid
    inner join claim_payment as payment
        on paid.remittance_id = payment.remittance_id and paid.claim_no = payment.claim_no
),

denied_line as (
    select
        record_key,
        max(hcpcs) as hcpcs,
        max(revenue_code) as revenue_code
    from paid_line
    group by record_key
),

candidate as (
    select
        denial.exception_key,
        cause.exception_key as root_cause_key,
        row_number() over (
            partition by denial.exception_key
            order by
                case
                    when denied_line.hcpcs = coalesce(cdm.hcpcs, cause.remark) then 0
                    when denied_line.hcpcs is null and denied_line.revenue_code = cdm.revenue_code then 0
                    else 1
                end,
                denial_cause.place,
                case when abs(cause.gross) = denial.gross then 0 else 1 end,
                cause.exception_key,
                denial_cause.code,
                denial_cause.rarc,
                denial_cause.cause_code,
                cdm.period_no nulls first
        ) as place
    from charge_keyed as denial
    left join told on denial.exception_key = told.exception_key
    inner join denial_cause on denial.code = denial_cause.code and denial_cause.rarc = coalesce(told.rarc, '*')
    inner join charge_keyed as cause
        on denial.account_no = cause.account_no and denial_cause.cause_code = cause.code
    left join denied_line
        on denial.record_table = 'claim_adjustment' and denial.record_key = denied_line.record_key
    left join code_period as cdm
        on
            cause.facility_id = cdm.facility_id
            and cause.cdm_code = cdm.cdm_code
            and cause.service_date between cdm.from_day and cdm.to_day
)

select
    exception_key,
    root_cause_key
from candidate
where place = 1
