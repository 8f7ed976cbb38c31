-- account_known: every account that is left after merges, what is known of it, and when its bill is due.
--
-- grain     account_no
-- reads     account_number, account_state, patient_class, filing_limit
-- params    none
-- money     none
-- rule      An account that only a charge or a record of use names is known by its number alone. The bill drops once
--           the days of hold of the patient's class have passed since discharge (patient_class); the payer takes a
--           claim for as many days since discharge as its limit says (filing_limit). (Usage and charge 1, step 1 and
--           ST01 to ST04.)
with survivors as (
    select
        account_no,
        facility_id,
        survivor_key as account_key
    from account_number
    where account_key = survivor_key
)

select
    survivors.account_no,
    survivors.facility_id,
    survivors.account_key,
    state.mrn_key,
    state.patient_class,
    state.admit_date,
    state.discharge_date,
    state.final_bill_date,
    state.bill_status,
    state.payer_class,
    coalesce(class.is_inpatient, any_class.is_inpatient, 'N') = 'Y' as is_inpatient,
    state.discharge_date + coalesce(class.hold_days, any_class.hold_days) as bill_due_date,
    coalesce(state.discharge_date, state.admit_date)
    + coalesce(filing_limit.days, any_payer.days) as filing_due_date
from survivors
left join account_state as state
    on survivors.facility_id = state.facility_id and survivors.account_key = state.account_key
left join patient_class as class on state.patient_class = class.patient_class
left join patient_class as any_class on any_class.patient_class = '*'
left join filing_limit on state.payer_class = filing_limit.payer_class
left join filing_limit as any_payer on any_payer.payer_class = '*'
