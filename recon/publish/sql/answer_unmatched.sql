-- answer_unmatched: functional acknowledgements of nothing that is awaited: not known, or answered before.
--
-- grain     answer_file_id, functional_code, group_control_number
-- reads     functional_ack, sent_set
-- params    none
-- money     none
-- rule      by partner, functional code and number of the group, as in sent_document_status
select distinct
    functional_ack.source_file_id as answer_file_id,
    functional_ack.functional_code,
    functional_ack.group_control_number_acked as group_control_number
from functional_ack
where
    not exists (
        select 1
        from sent_set
        where
            functional_ack.partner_id = sent_set.partner_id
            and functional_ack.functional_code = sent_set.functional_code
            and ltrim(functional_ack.group_control_number_acked, '0') = ltrim(sent_set.group_control_number, '0')
    )
order by all
