-- charge_root: the open finding behind each denial.
--
-- grain     exception_key
-- reads     charge_keyed, denial_cause
-- params    none
-- money     none
-- rule      Usage and charge 1, step 7: a denial joins an open finding of its account; the likelier cause
--           (rule table denial_cause) goes first, then the one of the denied amount, then the lower key.
with candidate as (
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
                denial_cause.cause_code
        ) as place
    from charge_keyed as denial
    inner join denial_cause on denial.code = denial_cause.code
    inner join charge_keyed as cause
        on denial.account_no = cause.account_no and denial_cause.cause_code = cause.code
)

select
    exception_key,
    root_cause_key
from candidate
where place = 1
