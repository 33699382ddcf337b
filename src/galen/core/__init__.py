"""The ground: context, records, guard, facts, pages. It knows no medicine."""
