-- use_repeated: records of use that were sent more than once: their versions, and which of them counts.
--
-- grain     system_id, usage_id, message_id
-- reads     usage_event
-- params    $as_of  DATE, what is used later is not seen
-- money     none
-- rule      The version that was written down last counts: by the moment it was documented, then by message id, of
--           which M10 comes after M9. (Usage and charge 1, tables and step 1.)
with repeated as (
    select
        system_id,
        usage_id
    from usage_event
    where used_date <= $as_of
    group by system_id, usage_id
    having count(*) > 1
)

select
    event.system_id,
    event.usage_id,
    event.message_id,
    row_number() over (
        partition by event.system_id, event.usage_id
        order by
            event.documented_at desc nulls last,
            rtrim(event.message_id, '0123456789') desc,
            length(event.message_id) desc,
            event.message_id desc
    ) = 1 as is_newest
from usage_event as event
inner join repeated on event.system_id = repeated.system_id and event.usage_id = repeated.usage_id
where event.used_date <= $as_of
