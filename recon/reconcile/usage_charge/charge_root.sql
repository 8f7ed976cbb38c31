-- charge_root: the open finding behind each denial.
--
-- grain     exception_key
-- reads     charge_keyed, denial_cause
-- params    none
-- money     none
-- rule      Usage and charge 1, step 7: a denial joins an open finding of its account; the likelier cause
--           (rule table denial_cause) goes first, then the one of the denied amount, then the lower key.
--           Causes of the denial's remark code replace those of any: a denial for a revenue code is not
--           explained by a serial number.
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

candidate as (
    select
        denial.exception_key,
        cause.exception_key as root_cause_key,
        row_number() over (
            partition by denial.exception_key
            order by
                denial_cause.place,
                case when abs(cause.gross) = denial.gross then 0 else 1 end,
                cause.exception_key,
                denial_cause.code,
                denial_cause.rarc,
                denial_cause.cause_code
        ) as place
    from charge_keyed as denial
    left join told on denial.exception_key = told.exception_key
    inner join denial_cause on denial.code = denial_cause.code and denial_cause.rarc = coalesce(told.rarc, '*')
    inner join charge_keyed as cause
        on denial.account_no = cause.account_no and denial_cause.cause_code = cause.code
)

select
    exception_key,
    root_cause_key
from candidate
where place = 1
