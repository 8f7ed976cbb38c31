-- Exact rounding, and numbers as people write them. No DOUBLE anywhere: format() with a precision
-- would convert to it, so only whole numbers pass through format().

-- numerator / denominator dollars, rounded once to the cent, half away from zero
create macro to_cents(numerator, denominator) as cast(
    sign(numerator) * sign(denominator)
    * ((200 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))) as decimal(18, 0)
) * cast(0.01 as decimal(3, 2));

-- a DECIMAL(18, 6) as a whole number of millionths
create macro millionths(x) as cast(cast(x as decimal(24, 6)) * 1000000 as hugeint);

create macro whole_text(x) as case when x < 0 then '-' else '' end
|| format('{:,}', cast(trunc(abs(x)) as bigint));

-- 1,234.50
create macro money_text(x) as whole_text(x)
|| '.' || split_part(cast(cast(abs(x) as decimal(18, 2)) as varchar), '.', 2);

-- 1,234.5 and 12: no zeros that say nothing
create macro quantity_text(x) as whole_text(x)
|| rtrim(rtrim('.' || split_part(cast(cast(abs(x) as decimal(18, 6)) as varchar), '.', 2), '0'), '.');

-- 52.00 and 0.0125: two decimals at least
create macro price_text(x) as whole_text(x)
|| '.' || substr(split_part(cast(cast(abs(x) as decimal(18, 6)) as varchar), '.', 2), 1, 2)
|| rtrim(substr(split_part(cast(cast(abs(x) as decimal(18, 6)) as varchar), '.', 2), 3), '0');

-- a reason in plain words: placeholders such as {item} filled from a map, what is not known said to be
-- so. It is cut at the placeholders, so that a name which itself holds {braces} is never filled again.
create macro filled(template, fact) as array_to_string(
    list_transform(
        regexp_extract_all(template, '\{[a-z_]+\}|[^{]+|\{'),
        lambda piece: case
            when piece like '{%}' and map_contains(fact, trim(piece, '{}'))
                then coalesce(fact[trim(piece, '{}')], 'not stated')
            else piece
        end
    ),
    ''
);
