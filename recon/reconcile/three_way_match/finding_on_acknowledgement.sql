-- finding_on_acknowledgement: where the supplier's answer to an order line is not what was ordered.
--
-- grain     po_id, po_line_no, code, related_document
-- reads     acknowledgement, substitute, order_line, receipt_layer, sent_back, matched_line, match_group, order_group
-- params    none
-- money     impact is what the invoice to come would be more than the order (less: negative), each
--           answer rounded once to cents, half away from zero; 0 where a unit cannot be converted
-- rule      Warnings before the invoice. As soon as the line is billed the invoice is judged by itself, and a warning
--           is over; only ACK_REJECTED and ACK_BACKORDER outlast an invoice of a part of the line. A line that is
--           cancelled or closed awaits nothing.
--           ACK_PRICE_CHANGED and ACK_QTY_CHANGED: until order and answer agree. For the quantity all parts of an
--           answer count together, without the rejected ones. ACK_SUBSTITUTED: until the order names the item.
--           ACK_REJECTED: until the line is cancelled or answered anew; what is rejected will not be billed.
--           ACK_BACKORDER: until all of the line has come, whatever was sent back; it is billed later, so no dollars
--           are at stake.
--           (Specification 1.4, ACK codes; 5.6; scenario S60.)
with acknowledged as (
    select distinct
        po_id,
        po_line_no
    from acknowledgement
),

billed as (
    select
        acknowledged.po_id,
        acknowledged.po_line_no,
        -- What cannot be converted counts as the whole: nothing more is known of it.
        count(case when line.measure is null then 1 end) > 0
        or coalesce(sum(line.measure), 0) >= max(grp.ordered) as is_whole
    from acknowledged
    left join order_group
        on acknowledged.po_id = order_group.po_id and acknowledged.po_line_no = order_group.po_line_no
    inner join match_group as grp
        on
            acknowledged.po_id = grp.po_id
            and coalesce(order_group.group_line_no, acknowledged.po_line_no) = grp.po_line_no
    inner join matched_line as line on grp.group_no = line.group_no
    where not line.is_credit
    group by acknowledged.po_id, acknowledged.po_line_no
),

answer as (
    select
        line.po_id,
        line.po_line_no,
        ack.answer,
        ack.item_catalog_no,
        ack.qty,
        ack.price,
        ack.price_shares,
        line.price as order_price,
        line.price_shares as order_price_shares,
        line.item_id,
        nullif(ltrim(regexp_replace(upper(line.catalog_no), '[^A-Z0-9]', '', 'g'), '0'), '') as catalog_norm,
        billed.po_id is not null as is_billed,
        -- On an amount basis dollars are ordered: no quantity is compared with them.
        case when line.match_basis = 'QTY' then line.ordered end as ordered
    from acknowledgement as ack
    inner join order_line as line on ack.po_id = line.po_id and ack.po_line_no = line.po_line_no
    left join billed on line.po_id = billed.po_id and line.po_line_no = billed.po_line_no
    where line.status = 'OPEN' and not coalesce(billed.is_whole, false)
),

answered as (
    select
        po_id,
        po_line_no,
        max(ordered) as ordered,
        max(order_price) as order_price,
        max(order_price_shares) as order_price_shares,
        count(case when is_billed then 1 end) > 0 as is_billed,
        count(case when answer in ('QTY', 'CHANGED') then 1 end) > 0 as says_qty,
        count(case when answer = 'REJECTED' then 1 end) > 0 as is_rejected,
        count(case when answer = 'BACKORDER' then 1 end) > 0 as is_back_ordered,
        -- Empty where one answer has no quantity, or one that cannot be converted.
        case
            when count(case when answer <> 'REJECTED' and qty is null then 1 end) = 0
                then cast(sum(case when answer <> 'REJECTED' then qty end) as decimal(38, 6))
        end as coming,
        cast(
            sum(case when answer = 'REJECTED' then least(coalesce(nullif(qty, 0), ordered), ordered) end)
            as decimal(38, 6)
        ) as rejected,
        cast(sum(case when answer = 'BACKORDER' then qty end) as decimal(38, 6)) as back_ordered
    from answer
    group by po_id, po_line_no
),

received as (
    select
        layer.po_id,
        layer.po_line_no,
        cast(
            least(sum(layer.gross), sum(layer.received) + coalesce(max(sent_back.qty), 0)) as decimal(38, 6)
        ) as qty
    from receipt_layer as layer
    inner join acknowledged on layer.po_id = acknowledged.po_id and layer.po_line_no = acknowledged.po_line_no
    left join sent_back on layer.po_id = sent_back.po_id and layer.po_line_no = sent_back.po_line_no
    group by layer.po_id, layer.po_line_no
),

-- What is worth `worth` millionths of a millionth of a dollar for each of `per` shares.
found as (
    select
        'ACK_PRICE_CHANGED' as code,
        po_id,
        po_line_no,
        cast(null as varchar) as related_document,
        coalesce(nullif(qty, 0), ordered) as qty,
        cast(price * 1000000 as hugeint) * order_price_shares
        - cast(order_price * 1000000 as hugeint) * price_shares as more,
        cast(order_price_shares as hugeint) * price_shares as per
    from answer
    where
        not is_billed
        and (answer = 'PRICE' or (answer = 'CHANGED' and price is not null))
        and coalesce(
            cast(price as decimal(38, 6)) * order_price_shares <> cast(order_price as decimal(38, 6)) * price_shares,
            true
        )
    union all
    select
        'ACK_SUBSTITUTED' as code,
        answer.po_id,
        answer.po_line_no,
        answer.item_catalog_no as related_document,
        coalesce(nullif(answer.qty, 0), answer.ordered) as qty,
        cast(answer.price * 1000000 as hugeint) * answer.order_price_shares
        - cast(answer.order_price * 1000000 as hugeint) * answer.price_shares as more,
        cast(answer.order_price_shares as hugeint) * answer.price_shares as per
    from answer
    left join substitute
        on
            answer.po_id = substitute.po_id
            and answer.po_line_no = substitute.po_line_no
            and answer.item_catalog_no = substitute.item_catalog_no
            and (answer.item_id = substitute.item_id or answer.catalog_norm = substitute.catalog_norm)
    where answer.answer = 'SUBSTITUTE' and not answer.is_billed and substitute.po_id is null
    union all
    select
        'ACK_QTY_CHANGED' as code,
        po_id,
        po_line_no,
        cast(null as varchar) as related_document,
        coming - ordered as qty,
        cast(order_price * 1000000 as hugeint) as more,
        cast(order_price_shares as hugeint) as per
    from answered
    where says_qty and not is_billed and ordered is not null and coming is distinct from ordered
    union all
    select
        'ACK_REJECTED' as code,
        po_id,
        po_line_no,
        cast(null as varchar) as related_document,
        -rejected as qty,
        cast(order_price * 1000000 as hugeint) as more,
        cast(order_price_shares as hugeint) as per
    from answered
    where is_rejected
    union all
    select
        'ACK_BACKORDER' as code,
        answered.po_id,
        answered.po_line_no,
        cast(null as varchar) as related_document,
        coalesce(answered.back_ordered, answered.ordered) as qty,
        cast(0 as hugeint) as more,
        cast(1 as hugeint) as per
    from answered
    left join received on answered.po_id = received.po_id and answered.po_line_no = received.po_line_no
    where answered.is_back_ordered and coalesce(received.qty < answered.ordered, true)
),

in_cents as (
    select
        code,
        po_id,
        po_line_no,
        related_document,
        qty,
        case when (qty < 0) = (more < 0) then 1 else -1 end
        * (
            (abs(cast(qty * 1000000 as hugeint) * more) * 2 + per * 10000000000)
            // (per * 20000000000)
        ) as cents
    from found
),

summed as (
    select
        code,
        po_id,
        po_line_no,
        related_document,
        cast(sum(qty) as decimal(38, 6)) as qty,
        cast(sum(cents) as decimal(32, 0)) * 0.01 as impact
    from in_cents
    group by code, po_id, po_line_no, related_document
)

select
    summed.code,
    cast(coalesce(summed.impact, 0) as decimal(18, 2)) as impact,
    cast(0 as decimal(18, 2)) as latent,
    cast(
        cast(cast(summed.qty * 1000000 as hugeint) // line.scale as decimal(32, 0)) * 0.000001
        as decimal(18, 6)
    ) as qty,
    line.currency,
    line.facility_id,
    line.supplier_id,
    cast(null as varchar) as invoice_id,
    cast(null as integer) as line_no,
    line.po_id,
    line.po_line_no,
    line.item_id,
    summed.related_document,
    cast(null as varchar) as tolerance_rule_id,
    line.order_date as basis_date
from summed
inner join order_line as line on summed.po_id = line.po_id and summed.po_line_no = line.po_line_no
