-- sent_document_status: what became of every transaction set we sent and were not answered before.
--
-- grain     feed, source_file_id, transaction_no
-- reads     sent_set, functional_ack, functional_ack_set, interchange_ack, deadline
-- params    $business_date  DATE, the day being closed
-- money     none
-- rule      a 997 or 999 is for the group it names, by partner, functional code and number: of several, the one sent
--           last. A set takes the code it is given itself, else its group's. A group accepted in part accepts the
--           sets it does not list if those it lists as refused are all there are. A TA1 that refuses an interchange
--           refuses its sets; one that accepts it says nothing of them. Of several answers a refusal counts
with sent_group as (
    select distinct
        feed,
        source_file_id,
        group_no,
        partner_id,
        functional_code,
        ltrim(group_control_number, '0') as group_number,
        ltrim(interchange_control_number, '0') as interchange_number,
        sent_date
    from sent_set
),

group_answer as (
    select
        sent_group.feed,
        sent_group.source_file_id,
        sent_group.group_no,
        functional_ack.source_file_id as answer_file_id,
        functional_ack.transaction_no as answer_no,
        functional_ack.code,
        functional_ack.error_codes,
        functional_ack.received_count - functional_ack.accepted_count as refused_count
    from functional_ack
    inner join sent_group
        on
            functional_ack.partner_id = sent_group.partner_id
            and functional_ack.functional_code = sent_group.functional_code
            and ltrim(functional_ack.group_control_number_acked, '0') = sent_group.group_number
    qualify
        row_number()
            over (
                partition by functional_ack.source_file_id, functional_ack.transaction_no
                order by sent_group.sent_date desc, sent_group.feed, sent_group.source_file_id, sent_group.group_no
            )
        = 1
),

listed as (
    select
        source_file_id,
        transaction_no,
        count(*) filter (where code not in ('A', 'E')) as refused_count
    from functional_ack_set
    group by source_file_id, transaction_no
),

set_answer as (
    select
        sent_set.feed,
        sent_set.source_file_id,
        sent_set.transaction_no,
        group_answer.answer_file_id,
        coalesce(own.code, group_answer.code) as answer,
        case when own.code is null then group_answer.error_codes else own.error_codes end as error_codes,
        case
            when coalesce(own.code, group_answer.code) in ('A', 'E') then 'ACCEPTED'
            when own.code is not null or group_answer.code <> 'P' then 'REJECTED'
            when listed.refused_count = group_answer.refused_count then 'ACCEPTED'
            else 'PARTIAL'
        end as state
    from sent_set
    inner join group_answer using (feed, source_file_id, group_no)
    left join functional_ack_set as own
        on
            group_answer.answer_file_id = own.source_file_id
            and group_answer.answer_no = own.transaction_no
            and sent_set.set_code = own.set_code
            and ltrim(sent_set.transaction_control_number, '0') = ltrim(own.transaction_control_number_acked, '0')
    left join listed
        on group_answer.answer_file_id = listed.source_file_id and group_answer.answer_no = listed.transaction_no
),

interchange_answer as (
    select
        sent_group.feed,
        sent_group.source_file_id,
        sent_group.group_no,
        interchange_ack.source_file_id as answer_file_id,
        interchange_ack.ack_code,
        interchange_ack.note_code
    from interchange_ack
    inner join sent_group
        on
            interchange_ack.partner_id = sent_group.partner_id
            and ltrim(interchange_ack.acknowledged_control_number, '0') = sent_group.interchange_number
    where interchange_ack.ack_code = 'R'
    qualify
        dense_rank()
            over (
                partition by interchange_ack.source_file_id, interchange_ack.source_record
                order by sent_group.sent_date desc, sent_group.feed, sent_group.source_file_id
            )
        = 1
),

answer as (
    select
        feed,
        source_file_id,
        transaction_no,
        answer_file_id,
        answer,
        error_codes,
        state
    from set_answer
    union all
    select
        sent_set.feed,
        sent_set.source_file_id,
        sent_set.transaction_no,
        interchange_answer.answer_file_id,
        interchange_answer.ack_code,
        interchange_answer.note_code,
        'REJECTED' as state
    from sent_set
    inner join interchange_answer using (feed, source_file_id, group_no)
),

counting as (
    select *
    from answer
    qualify
        row_number()
            over (
                partition by feed, source_file_id, transaction_no
                order by
                    case state when 'REJECTED' then 1 when 'PARTIAL' then 2 else 3 end,
                    answer_file_id,
                    answer,
                    error_codes
            )
        = 1
),

wait as (
    select
        max(days) filter (where deadline = 'ANSWER_RECEIVED') as due_days,
        max(days) filter (where deadline = 'ANSWER_GIVEN_UP') as given_up_days
    from deadline
)

select
    sent_set.feed,
    sent_set.source_file_id,
    sent_set.transaction_no,
    sent_set.byte_offset,
    sent_set.partner_id,
    sent_set.interchange_control_number,
    sent_set.functional_code,
    sent_set.group_no,
    sent_set.group_control_number,
    sent_set.set_code,
    sent_set.transaction_control_number,
    sent_set.document_number,
    sent_set.sent_date,
    coalesce(counting.state, 'NO_ACK') as state,
    counting.answer,
    counting.error_codes,
    counting.answer_file_id,
    cast($business_date - sent_set.sent_date as integer) as age_days,
    counting.state is null and $business_date - sent_set.sent_date > wait.due_days as is_overdue
from sent_set
left join counting using (feed, source_file_id, transaction_no)
cross join wait
where counting.state is not null or $business_date - sent_set.sent_date <= wait.given_up_days
order by all
