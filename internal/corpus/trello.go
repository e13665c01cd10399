package corpus

import (
	"context"
	"encoding/json"
)

// A trelloBoard is what Trello exports, as far as it is read.
type trelloBoard struct {
	Lists []struct {
		ID     string `json:"id"`
		Closed bool   `json:"closed"`
	} `json:"lists"`
	Cards []struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Desc   string `json:"desc"`
		IDList string `json:"idList"`
		Closed bool   `json:"closed"`
	} `json:"cards"`
	Checklists []trelloChecklist `json:"checklists"`
}

type trelloChecklist struct {
	IDCard     string `json:"idCard"`
	CheckItems []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"checkItems"`
}

// readTrello reads a board: name and description of a card make one note, and
// each entry of its checklists is another. What is archived is skipped. Source
// counts cards and entries in the order of the cards.
func readTrello(ctx context.Context, s *source) error {
	root, err := s.jsonRoot()
	if err != nil {
		return err
	}
	var board trelloBoard
	if err := json.Unmarshal([]byte(s.text[root.start:root.end]), &board); err != nil {
		return s.jsonError(root.start, err)
	}
	archived := make(map[string]bool)
	for _, list := range board.Lists {
		archived[list.ID] = list.Closed
	}
	checklists := make(map[string][]trelloChecklist)
	for _, list := range board.Checklists {
		checklists[list.IDCard] = append(checklists[list.IDCard], list)
	}
	for _, card := range board.Cards {
		if err := s.tick(ctx); err != nil {
			return err
		}
		reason := ""
		switch {
		case card.Closed:
			reason = "archived card"
		case archived[card.IDList]:
			reason = "in an archived list"
		}
		s.addOrSkip(reason, card.ID, joinTitle(card.Name, card.Desc))
		s.addChecklists(reason, checklists[card.ID])
		delete(checklists, card.ID)
	}
	// Checklists of cards that are not in the file, in their own order.
	for _, list := range board.Checklists {
		if left := checklists[list.IDCard]; left != nil {
			s.addChecklists("", left)
			delete(checklists, list.IDCard)
		}
	}
	return nil
}

func (s *source) addChecklists(reason string, lists []trelloChecklist) {
	for _, list := range lists {
		for _, item := range list.CheckItems {
			s.addOrSkip(reason, item.ID, item.Name)
		}
	}
}

func (s *source) addOrSkip(reason, ref, text string) {
	where := s.record(s.items + 1)
	if reason != "" {
		s.skip(where, reason)
		return
	}
	s.add(where, ref, text)
}
