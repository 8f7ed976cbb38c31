-- answer_unmatched: acknowledgements of nothing that is awaited: not known, or answered before. Of TA1s the refusals.
--
-- grain     answer_file_id, partner_id, functional_code, control_number, code
-- reads     functional_ack, interchange_ack, sent_set
-- params    none
-- money     none
-- rule      by partner, functional code and number of the group, as in sent_document_status; a TA1, which has the
--           functional code TA1 here, by partner and number of the interchange
select distinct
    functional_ack.source_file_id as answer_file_id,
    functional_ack.partner_id,
    functional_ack.functional_code,
    functional_ack.group_control_number_acked as control_number,
    functional_ack.code
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
union all
select distinct
    interchange_ack.source_file_id as answer_file_id,
    interchange_ack.partner_id,
    'TA1' as functional_code,
    interchange_ack.acknowledged_control_number as control_number,
    interchange_ack.ack_code as code
from interchange_ack
where
    interchange_ack.ack_code = 'R'
    and not exists (
        select 1
        from sent_set
        where
            interchange_ack.partner_id = sent_set.partner_id
            and ltrim(interchange_ack.acknowledged_control_number, '0')
            = ltrim(sent_set.interchange_control_number, '0')
    )
order by all
