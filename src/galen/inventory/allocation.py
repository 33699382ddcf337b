"""First expired, first out, in the database itself: one call under one lock, however many dispensers ask.

The batch that somebody has in hand, and was told about, goes before the others; it must be as good as they are.
"""

ISSUE_STOCK = """
CREATE FUNCTION issue_stock(
  at_site uuid, of_product uuid, wanted numeric, today date, lasting_until date, partly boolean,
  for_kind text, for_id uuid, actor uuid, actor_said text, moment timestamptz, in_hand uuid DEFAULT NULL
) RETURNS TABLE (movement uuid, level uuid, batch uuid, number text, expires date, was numeric, taken numeric,
                 short_dated boolean, remaining numeric, became_low boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  usable numeric;
  lasting numeric;
  missing numeric := wanted;
  floor_at numeric;
  shelf record;
BEGIN
  -- One at a time for each medicine of a site: strict order, and no deadlock between its batches.
  PERFORM pg_advisory_xact_lock(hashtextextended(at_site::text || of_product::text, 0));
  SELECT coalesce(sum(l.quantity), 0),
         coalesce(sum(l.quantity) FILTER (WHERE b.expires IS NULL OR b.expires >= coalesce(lasting_until, today)), 0)
    INTO usable, lasting
    FROM stock_level l JOIN batch b ON b.id = l.batch_id
   WHERE l.site_id = at_site AND l.product_id = of_product AND l.quantity > 0
     AND b.status = 'ok' AND (b.expires IS NULL OR b.expires >= today);
  IF usable < wanted AND NOT partly THEN
    RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::uuid, NULL::text, NULL::date, NULL::numeric, 0::numeric,
                        false, usable, false;
    RETURN;
  END IF;
  SELECT p.reorder_level INTO floor_at FROM product p WHERE p.id = of_product;
  FOR shelf IN
    SELECT l.id, l.batch_id, b.number, b.expires, l.quantity AS here
      FROM stock_level l JOIN batch b ON b.id = l.batch_id
     WHERE l.site_id = at_site AND l.product_id = of_product AND l.quantity > 0
       AND b.status = 'ok' AND (b.expires IS NULL OR b.expires >= today)
       AND (lasting < wanted OR b.expires IS NULL OR b.expires >= coalesce(lasting_until, today) OR b.id = in_hand)
     ORDER BY b.id IS NOT DISTINCT FROM in_hand DESC, b.expires NULLS LAST, b.id, l.id
       FOR UPDATE OF l
  LOOP
    EXIT WHEN missing <= 0;
    taken := least(shelf.here, missing);
    missing := missing - taken;
    usable := usable - taken;
    movement := gen_random_uuid();
    UPDATE stock_level SET quantity = quantity - taken, version = version + 1 WHERE id = shelf.id;
    INSERT INTO movement (id, version, site_id, level_id, batch_id, product_id, kind, quantity, balance, reason,
                          reference_kind, reference_id, actor_id, actor_name, at)
    VALUES (movement, 1, at_site, shelf.id, shelf.batch_id, of_product, 'issue', -taken, shelf.here - taken, '',
            for_kind, for_id, actor, actor_said, moment);
    level := shelf.id;
    batch := shelf.batch_id;
    number := shelf.number;
    expires := shelf.expires;
    was := shelf.here;
    short_dated := shelf.expires < lasting_until;
    remaining := usable;
    became_low := usable <= coalesce(floor_at, 0) AND usable + wanted - missing > coalesce(floor_at, 0);
    RETURN NEXT;
  END LOOP;
END $$
"""
