package custody

// Clean brings every name into the form in which it is kept: see Plain.
func (o *Office) Clean() {
	var names []*Name
	of := func(n *Name) { names = append(names, n) }
	of(&o.Name)
	for i := range o.Departments {
		of(&o.Departments[i].Name)
	}
	for i := range o.Rooms {
		of(&o.Rooms[i].Name)
		of((*Name)(&o.Rooms[i].Building))
	}
	for i := range o.Posts {
		of(&o.Posts[i].Name)
	}
	for i := range o.Officers {
		of(&o.Officers[i].Name)
	}
	for i := range o.Stations {
		of(&o.Stations[i].Name)
	}
	for i := range o.Routes {
		of(&o.Routes[i].Name)
	}
	for i := range o.Holds {
		of(&o.Holds[i].Name)
	}
	for i := range o.Reasons {
		of(&o.Reasons[i].Name)
	}
	for i := range o.Seasons {
		of(&o.Seasons[i].Name)
	}
	for i := range o.Holidays {
		of(&o.Holidays[i].Name)
	}
	for i := range o.Closures {
		of(&o.Closures[i].Name)
	}
	for _, n := range names {
		n.En, n.Ur = Plain(n.En), Plain(n.Ur)
	}
}
