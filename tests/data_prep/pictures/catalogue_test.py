from data_prep.pictures.catalogue import Catalogue, Item


def test_items_by_split():
    train, test = Item("a", 0, "train"), Item("b", 1, "test")
    catalogue = Catalogue(("cat", "dog"), (train, test), "drawn", "0" * 64)
    assert catalogue.of_split("train") == (train,)
    assert catalogue.of_split("test") == (test,)
