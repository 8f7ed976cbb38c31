-- charge_finding: one row per finding of use against charge as people read it, with its reason in plain words.
--
-- grain     exception_key
-- reads     charge_exception, exception_code, item, cdm, unit_factor
-- params    $business_date  DATE, the day being closed
-- money     DECIMAL, taken over unchanged; formatted as text only inside the reason
-- rule      the reason is the code's template (rule table exception_code) with each {name} replaced by that column;
--           what is not known reads so. A charge and an item are told by number and name; a denial's reason ends
--           with the open finding behind it. Lost and overcharged dollars stand in two columns and are never netted;
--           what is in no sum (exception_code: a charge that came at the wrong time) stands in a third (usage and
--           charge 1: informational).
--           Order: overridden last; bills that drop first, then those that must be filed first, then severity, then
--           dollars whatever their sign (usage and charge 1, exceptions: sort key)
with in_force as (
    select
        facility_id,
        cdm_code,
        description
    from cdm
    where valid_from <= $business_date
    qualify row_number() over (partition by facility_id, cdm_code order by valid_from desc) = 1
),

described as (
    select
        cdm_code,
        min_by(description, facility_id) as description
    from in_force
    group by cdm_code
),

joined as (
    select
        found.* replace (regexp_replace(found.remark, '([0-9]{4}-[0-9]{2})-[0-9]{2}', '\1', 'g') as remark),
        code.title,
        code.suggested_action,
        code.closes_when,
        code.reason as reason_template,
        item.description as item_description,
        described.description as cdm_description,
        unit_factor.factor,
        ' Likely cause: ' || cause.code || ', ' || lower(cause_code.title)
        || ' (finding ' || cause.exception_key || ').' as cause_text,
        case when found.gross > 0 and code.in_sums = 'Y' then found.gross else 0 end as lost,
        case when found.gross < 0 and code.in_sums = 'Y' then -found.gross else 0 end as overcharged,
        case when code.in_sums = 'N' then found.gross end as uncounted,
        found.gross + coalesce(found.at_risk, 0) as impact,
        cast($business_date as date) as night,
        found.bill_due_date - $business_date as days_to_bill,
        found.filing_due_date - $business_date as days_to_filing
    from charge_exception as found
    left join exception_code as code on found.code = code.code
    left join item on found.item_id = item.item_id
    left join described on found.cdm_code = described.cdm_code
    left join unit_factor on found.finding_key = unit_factor.finding_key
    left join charge_exception as cause on found.root_cause_key = cause.exception_key
    left join exception_code as cause_code on cause.code = cause_code.code
),

stated as (
    select
        exception_key,
        map {
            'charge': cdm_code || coalesce(' (' || cdm_description || ')', ''),
            'other_cdm_code': other_cdm_code,
            'item': item_id || coalesce(' (' || item_description || ')', ''),
            'location_id': location_id,
            'unit_count': quantity_text(abs(units)) || case when abs(units) = 1 then ' unit' else ' units' end,
            'quantity': quantity_text(abs(units)),
            'gross': money_text(abs(gross)),
            'at_risk': money_text(at_risk),
            'remark': remark,
            -- The reason may be shared: its month tells enough, the day stands in a column of its own.
            'service_month': strftime(service_date, '%B %Y')
        } as fact,
        coalesce(reason_template, title, code) as reason_text,
        coalesce(cause_text, '') as cause_text
    from joined
),

said as (
    select
        exception_key,
        filled(reason_text, fact) || cause_text as reason
    from stated
)

select
    -- All of charge_exception, whose columns are declared in reconcile/results.py, and the words above.
    joined.* exclude (cause_text), -- noqa: AM04
    said.reason
    || case
        when joined.was_accepted_at is not null
            then
                ' It was ' || case when joined.code = 'SC08' then 'answered' else 'accepted' end
                || ' at ' || money_text(joined.was_accepted_at) || ' USD; now it is '
                || money_text(joined.impact) || '.'
        else ''
    end as reason
from joined
inner join said on joined.exception_key = said.exception_key
order by
    case joined.state when 'OVERRIDDEN' then 1 else 0 end,
    joined.days_to_bill asc nulls last,
    joined.days_to_filing asc nulls last,
    joined.severity asc,
    abs(joined.gross) desc,
    joined.exception_key asc
