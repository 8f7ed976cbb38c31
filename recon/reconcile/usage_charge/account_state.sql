-- account_state: each account as its messages leave it, column by column.
--
-- grain     facility_id, account_key
-- reads     patient_account
-- params    $as_of  DATE, messages of later days are not seen; an instant is of UTC, where the evening of an American
--           hospital is the next day already: its day ends at eight there, midnight on the Pacific coast
-- money     none
-- rule      A message states what it is about and leaves the rest empty, so that each column is as the newest message
--           says that says anything of it. Of messages of one moment the one with the higher id is the newer; M10
--           comes after M9. A cancelled discharge (HL7 A13) takes back the days of discharge said before it; a
--           cancelled admission (A11) takes back nothing. (Usage and charge 1, step 1.)
with numbered as (
    select
        facility_id,
        account_key,
        event_code,
        mrn_key,
        visit_key,
        patient_class,
        admit_date,
        discharge_date,
        final_bill_date,
        bill_status,
        payer_class,
        merged_into,
        row_number() over (
            partition by facility_id, account_key
            order by
                event_at desc nulls last, rtrim(message_id, '0123456789') desc, length(message_id) desc, message_id desc
        ) as age
    from patient_account
    where event_at is null or cast(event_at - interval '8' hour as date) <= $as_of
),

-- A cancelled discharge takes back those before it.
cancelled as (
    select
        facility_id,
        account_key,
        min(age) as age
    from numbered
    where event_code = 'A13'
    group by facility_id, account_key
),

newest as (
    select
        numbered.facility_id,
        numbered.account_key,
        min(case when mrn_key is not null then numbered.age end) as mrn_age,
        min(case when visit_key is not null then numbered.age end) as visit_age,
        min(case when patient_class is not null then numbered.age end) as class_age,
        min(case when admit_date is not null then numbered.age end) as admit_age,
        min(
            case
                when discharge_date is not null and numbered.age < coalesce(cancelled.age, 2147483647) then numbered.age
            end
        )
            as discharge_age,
        min(case when final_bill_date is not null then numbered.age end) as bill_age,
        min(case when bill_status is not null then numbered.age end) as status_age,
        min(case when payer_class is not null then numbered.age end) as payer_age,
        min(case when merged_into is not null then numbered.age end) as merged_age
    from numbered
    left join cancelled
        on numbered.facility_id = cancelled.facility_id and numbered.account_key = cancelled.account_key
    group by numbered.facility_id, numbered.account_key
)

select
    newest.facility_id,
    newest.account_key,
    max(case when numbered.age = newest.mrn_age then numbered.mrn_key end) as mrn_key,
    max(case when numbered.age = newest.visit_age then numbered.visit_key end) as visit_key,
    max(case when numbered.age = newest.class_age then numbered.patient_class end) as patient_class,
    max(case when numbered.age = newest.admit_age then numbered.admit_date end) as admit_date,
    max(case when numbered.age = newest.discharge_age then numbered.discharge_date end) as discharge_date,
    max(case when numbered.age = newest.bill_age then numbered.final_bill_date end) as final_bill_date,
    max(case when numbered.age = newest.status_age then numbered.bill_status end) as bill_status,
    max(case when numbered.age = newest.payer_age then numbered.payer_class end) as payer_class,
    max(case when numbered.age = newest.merged_age then numbered.merged_into end) as merged_into
from newest
inner join numbered
    on newest.facility_id = numbered.facility_id and newest.account_key = numbered.account_key
group by newest.facility_id, newest.account_key
