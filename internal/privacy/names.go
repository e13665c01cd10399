package privacy

// names finds persons, organisations and places by lists, shape and context.
func (s *scan) names() {
	for i := 0; i < len(s.tokens); i++ {
		t := s.tokens[i]
		if t.kind != word {
			continue
		}
		cap := t.shape == capital || t.shape == camel || t.shape == upper
		switch {
		case t.info&place != 0 && cap:
			s.add(Location, t.start, t.end, 0.85, "name/place")
		case t.info&nationality != 0 && cap:
			s.add(Nationality, t.start, t.end, 0.7, "name/people")
		case t.info&firstName != 0 && (cap || t.info&common == 0):
			end := i
			for end+1 < len(s.tokens) && s.tokens[end+1].kind == word && s.tokens[end+1].gap == spaced && s.tokens[end+1].shape == capital && s.tokens[end+1].info&common == 0 {
				end++
			}
			s.add(Person, t.start, s.tokens[end].end, 0.8, "name/list")
			i = end
		}
	}
}
