"""The panels of the Review page. Pure modules build trees and plain data; the others draw them."""
